/** What the daemon proved of a result by its own checks; an agent's words never become one. */
export const VERDICTS = ["verified", "refuted", "unverified"] as const;
export type Verdict = (typeof VERDICTS)[number];
