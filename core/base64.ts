const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The standard base64 (with padding) of a text's UTF-8 bytes, as the API server stores a Secret's `stringData`. */
export function base64Of(text: string): string {
  const bytes = utf8Of(text);
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letters = [18, 12, 6, 0].map((shift) => ALPHABET.charAt((group >> shift) & 63)).join('');
    const missing = Math.max(0, at + 3 - bytes.length);
    encoded += letters.slice(0, 4 - missing) + '='.repeat(missing);
  }
  return encoded;
}

/** The text whose UTF-8 bytes a standard base64 holds, line breaks ignored; undefined where it is no base64 or no text. */
export function textOfBase64(encoded: string): string | undefined {
  const letters = encoded.replaceAll(/[\r\n]/g, '').replace(/={1,2}$/, '');
  if (letters.length % 4 === 1) return undefined;
  let escaped = '';
  let bits = 0;
  let pending = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    pending = ((pending << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    escaped += `%${((pending >> bits) & 0xff).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** Core has no TextEncoder; the percent-encoding of a text is its UTF-8 in disguise. */
function utf8Of(text: string): readonly number[] {
  const wellFormed = text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  const parts = encodeURIComponent(wellFormed).match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  return parts.map((part) => (part.startsWith('%') ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}
