/**
 * Words in front of a command that reads what may be anyone's work, by which its memory has an end: a
 * few bytes may stand for very many. Where the program for it is missing, there are none.
 */
export function limited(memoryBytes: number): readonly string[] {
  if (process.platform !== "linux") return [];
  return ["prlimit", `--data=${memoryBytes}`, "--core=0", "--"];
}
