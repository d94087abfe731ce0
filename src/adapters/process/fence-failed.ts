/** A tree cannot be kept apart as it should be, so it was not started; the message says what to do. */
export class FenceFailed extends Error {
  override readonly name = "FenceFailed";
}
