import { allCases } from "./all.ts";
import { playCases } from "./case.ts";

const played = await playCases(allCases());
for (const { name, problem } of played) {
  process.stdout.write(`${problem === null ? "passed" : "FAILED"}  ${name}\n`);
  if (problem !== null) process.stdout.write(`${problem}\n`);
}
const passed = played.filter(({ problem }) => problem === null).length;
process.stdout.write(`forge cases ${played.length}, passed ${passed}\n`);
process.exitCode = passed === played.length ? 0 : 1;
