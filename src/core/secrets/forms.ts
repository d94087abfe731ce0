/**
 * The forms in which a value can stand in a text: plain, escaped for JSON, encoded for an address,
 * as hexadecimal digits, and as base64 whatever stands before and after it.
 */
export function formsOf(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  const encoded = encodeURIComponent(value.toWellFormed());
  const strict = encoded.replace(/[!'()*]/gu, percentOf);
  const hex = Array.from(bytes, hexOf).join("");
  const everySign = Array.from(bytes, (byte) => `%${hexOf(byte)}`).join("");
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    ...[encoded, strict, strict.replaceAll("%20", "+"), everySign].flatMap((form) => [
      form,
      form.replace(/%[0-9a-f]{2}/giu, (each) => each.toLowerCase()),
      form.replace(/%[0-9a-f]{2}/giu, (each) => each.toUpperCase()),
    ]),
    hex,
    hex.toUpperCase(),
    ...base64FormsOf(bytes),
  ];
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function percentOf(sign: string): string {
  return `%${hexOf(sign.charCodeAt(0))}`;
}

/**
 * The characters that the bytes make in base64 whatever stands before and after them: one form for
 * each of the three places where they can begin, in both alphabets.
 */
function base64FormsOf(bytes: Uint8Array): readonly string[] {
  const signs = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return [0, 1, 2].flatMap((shift) => {
    const whole = btoa("\0".repeat(shift) + signs);
    const bits = (shift + bytes.length) * 8;
    const form = whole.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
