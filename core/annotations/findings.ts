import { editDistance } from '../edit-distance.ts';

/**
 * Something an annotation's reader noticed. `mistake` is an error unless reading is lenient; `error` always is one;
 * `notice` never is.
 */
export interface Finding {
  readonly severity: 'error' | 'mistake' | 'notice';
  /** Goes on after the object's name; a sentence without its full stop. */
  readonly message: string;
  readonly remedy?: string;
}

/** The finding for a value that is none of the allowed ones, with the nearest of them where there is one. */
export function notAllowed(
  severity: Finding['severity'],
  key: string,
  value: string,
  allowed: readonly string[],
): Finding {
  const meant = nearest(value, allowed);
  return {
    severity,
    message: `${key} has the value ${JSON.stringify(value)}; allowed are ${allowed.join(', ')}`,
    ...(meant === undefined ? {} : { remedy: `did you mean ${meant}?` }),
  };
}

/** The items of a comma-separated annotation: trimmed, without empties and repetitions, case kept; Argo CD's rule. */
export function itemsOf(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

/** The allowed word that differs in case, dashes or at most two letters. */
function nearest(value: string, allowed: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const candidates = allowed.map((word) => ({ word, distance: editDistance(plain(value), plain(word)) }));
  const best = candidates.toSorted((one, other) => one.distance - other.distance)[0];
  return best !== undefined && best.distance <= 2 ? best.word : undefined;
}
