import { text } from "node:stream/consumers";
import type { LaunchSpec } from "../../src/ports/launcher.ts";
import { launchersOf, type Level } from "./levels.ts";

// A daemon that starts one tree and waits to be killed.
const { level, spec } = JSON.parse(await text(process.stdin)) as { level: Level; spec: LaunchSpec };
const launchers = await launchersOf(level);
if ("missing" in launchers) throw new Error(launchers.missing);
const { child } = launchers.open.spawn(spec);
child.stdout?.resume();
child.stderr?.resume();
setInterval(() => {}, 60_000);
