/** Where randomness comes from. */
export interface Chance {
  /** Uniform in [0, 1). */
  readonly fraction: () => number;
  /** A fresh random UUID: lease ids, agent sessions. */
  readonly uuid: () => string;
}
