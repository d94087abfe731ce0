#!/usr/bin/env node
// Everything else is imported below, so that a Node that is too old is told so in one sentence
// instead of failing on syntax or modules it does not know.
import module from "node:module";

/** The oldest Node this runs on. */
const NODE_MIN = [24, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  const wanted = NODE_MIN.join(".");
  process.stderr.write(
    `sle: Node ${wanted} or newer is needed, this is ${process.versions.node}; install it and try again.\n`,
  );
  process.exitCode = 1;
} else {
  await main(process.argv.slice(2));
}

async function main(argv: readonly string[]): Promise<void> {
  module.enableCompileCache();
  // Nothing here makes much garbage: V8 need not keep megabytes for it, least of all in the daemon.
  process.getBuiltinModule("node:v8").setFlagsFromString("--semi-space-growth-factor=1");
  // A reader that went away, as `sle ls | head` does, is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  }
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${ownVersion()}\n`);
    return;
  }
  const { runCli } = await import("./surfaces/cli/main.ts");
  const { makeCliContext } = await import("./app/cli-context.ts");
  try {
    process.exitCode = await runCli(argv, (globals) => makeCliContext(globals, ownVersion()));
  } catch (error) {
    process.stderr.write(`sle: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** The version in package.json, which stands above both `src` and `dist`. */
function ownVersion(): string {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const path = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return version;
}
