/** The lines of `now` that come after those of `before`, of which the oldest may have been left out. */
export function unseen(before: readonly string[], now: readonly string[]): readonly string[] {
  const last = before.at(-1);
  return last === undefined ? now : now.slice(now.lastIndexOf(last) + 1);
}
