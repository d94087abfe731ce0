import { closeSync, readdirSync, readFileSync } from "node:fs";

/** The flag of the kernel (O_CLOEXEC) on everything that this program opens itself. */
const CLOSE_ON_EXEC = 0o2000000;
/** Standard input, output and error are meant to be passed on. */
const STANDARD_MAX = 2;

/**
 * Closes what this process was started with besides its three streams: it would pass on to every
 * agent. Whatever it opens itself is not passed on, so call it early. Linux; elsewhere it does nothing.
 */
export function closeInherited(): readonly number[] {
  return descriptors().filter((fd) => fd > STANDARD_MAX && isPassedOn(fd) && isClosed(fd));
}

function descriptors(): readonly number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    return [];
  }
}

function isPassedOn(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
    // Bits beyond 32 do not occur in flags, and a number holds them all.
    return flags !== null && (Number.parseInt(flags[1] ?? "0", 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}

function isClosed(fd: number): boolean {
  try {
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}
