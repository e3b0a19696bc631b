/**
 * Stands for `node:zlib` in the simulator: what is kept there is small, and no schedule is about its compression, which would
 * take a twentieth of all time.
 */

export function gzipSync(text: string | Uint8Array): Buffer {
  return Buffer.from(text);
}

export function gunzipSync(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}
