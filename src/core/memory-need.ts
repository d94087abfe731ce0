/** How much of a smaller peak is believed at once. */
const FALL_SHARE = 0.1;

/**
 * How much memory the agents of an executor are taken to need, after one that took `peakBytes` at
 * most: as much as the largest of late. Rises at once and falls slowly, since too little free memory
 * costs more than a later start.
 */
export function learnedNeed(beforeBytes: number | null, peakBytes: number): number {
  if (beforeBytes === null || peakBytes >= beforeBytes) return peakBytes;
  return Math.round(beforeBytes - (beforeBytes - peakBytes) * FALL_SHARE);
}
