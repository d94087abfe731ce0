/** Numbers from 0 to 1 that look like chance and are the same for the same seed. */
export function seededDraws(seed: number): () => number {
  const word = seededWords(seed);
  return () => word() / 2 ** 32;
}

/** The same as whole numbers of 32 bits. */
export function seededWords(seed: number): () => number {
  let state = seed >>> 0;
  // A 32-bit counter put through a mixing function: every step of the counter gives a new word.
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
