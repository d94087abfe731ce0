import type { AdmissionRules } from "../../../core/hold.ts";
import { type Result, ok } from "../../../core/problem.ts";
import { CARE_OF, HOLD_BACK } from "../../../core/quota.ts";
import type { OptionValues, RunCommand } from "../command.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readCount, usage } from "../read-words.ts";
import { renderWhatIf } from "../render/plan.ts";
import { viewOf } from "../render/view.ts";
import { untilOf } from "./plan.ts";

/** Plays the night by other settings, beside those that hold. */
export const whatIf: RunCommand = async (call) => {
  const { context, output, options } = call;
  const change = readChange(options);
  if (!change.ok) return output.refuse(change.problem);
  const until = await untilOf(call);
  if (!until.ok) return output.refuse(until.problem);
  const doors = await context.open();
  if (doors === null) return nothingYet(call, null);
  const asIs = await doors.queries.plan(until.value);
  const changed = await doors.queries.plan(asIs.until, change.value);
  return output.answer({ asIs, changed }, () => renderWhatIf(viewOf(call), asIs, changed));
};

type Change = (rules: AdmissionRules) => AdmissionRules;

const SHARES = {
  "threshold-day": "day",
  "threshold-night": "night",
  "threshold-week": "week",
} as const;

function readChange(options: OptionValues): Result<Change> {
  const quota: Record<string, number | null> = {};
  for (const [name, key] of Object.entries(SHARES)) {
    const word = options.text(name);
    if (word === null) continue;
    const share = shareOf(word);
    if (share === null)
      return usage(`--${name} takes a share up to 100%, such as 90%, not "${word}".`);
    quota[key] = share;
  }
  const held = options.text("hold-back");
  const holdBack = HOLD_BACK.find((each) => each === held);
  if (held !== null && holdBack === undefined) {
    return usage(`--hold-back takes ${HOLD_BACK.join(", ")}, not "${held}".`);
  }
  if (holdBack !== undefined) quota["care"] = CARE_OF[holdBack];
  const parallel = options.text("parallel");
  const count = parallel === null ? null : readCount("--parallel", parallel);
  if (count?.ok === false) return count;
  if (count?.value === 0)
    return usage("--parallel takes at least 1; `sle pause` lets nothing start.");
  if (Object.keys(quota).length === 0 && count === null) {
    return usage("Say what is to be other, such as `sle what-if --threshold-night 90%`.");
  }
  return ok((rules) => ({
    ...rules,
    quota: { ...rules.quota, ...quota },
    ...(count === null ? {} : { parallelMax: count.value }),
  }));
}

/** `90`, `90%` and `0.9` all mean the same. */
function shareOf(word: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(%?)$/u.exec(word.trim());
  if (match === null) return null;
  const number = Number(match[1]);
  const share = match[2] === "%" || number > 1 ? number / 100 : number;
  return share <= 1 ? share : null;
}
