import type { Admission } from "./hold.ts";

/** Admission before any person has set it. */
export const ADMISSION_DEFAULT: Admission = { mode: "open", until: null, by: "default" };
