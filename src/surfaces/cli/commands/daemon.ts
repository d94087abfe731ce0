import type { RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { refuseSettings } from "../refuse-settings.ts";
import { daemonWords } from "../render/overview.ts";
import { viewOf } from "../render/view.ts";

/** Runs the daemon in this terminal until it is told to stop. */
export const runDaemon: RunCommand = async ({ context }) => (await context.daemon()).run();

/** Starts the daemon in the background; settings that are not sound are told here, not only in its log. */
export const startDaemon: RunCommand = async (call) => {
  const { context, output } = call;
  const settings = await (await context.settings()).read();
  if (!settings.ok) return refuseSettings(call, settings.problems);
  const daemon = await context.daemon();
  const started = await daemon.start();
  switch (started.type) {
    case "started":
    case "already-running": {
      const how = started.type === "started" ? "The daemon works" : "The daemon works already";
      return output.answer(
        started,
        () => `${how} (process ${started.pid}); its log is ${daemon.logPath}`,
      );
    }
    case "failed":
      return output.fail(EXIT.daemon, "daemon", started.message);
  }
};

/** Stops the daemon; what runs goes on at its next start. */
export const stopDaemon: RunCommand = async ({ context, output, options }) => {
  const daemon = await context.daemon();
  const stopped = await daemon.stop({ now: options.has("now") });
  return output.answer(stopped, () => {
    switch (stopped.type) {
      case "stopped":
        return `The daemon (process ${stopped.pid}) has stopped.`;
      case "not-running":
        return "No daemon is running.";
      case "ending":
        return `The daemon (process ${stopped.pid}) lets running tasks end; \`sle daemon stop --now\` interrupts them.`;
    }
  });
};

/** Shows which daemons live; ends with 4 when none does. */
export const daemonStatus: RunCommand = async (call) => {
  const { context, output } = call;
  const doors = await context.open();
  const daemons = doors === null ? [] : await doors.queries.daemons();
  const view = viewOf(call);
  const none = "No daemon is running; `sle daemon start` starts one.";
  const printed = output.answer(daemons, () =>
    daemons.length === 0 ? none : daemons.map((daemon) => daemonWords(view, daemon)).join("\n"),
  );
  if (printed !== EXIT.ok) return printed;
  return daemons.some((daemon) => daemon.status === "running") ? EXIT.ok : EXIT.daemon;
};
