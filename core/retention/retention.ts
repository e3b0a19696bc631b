const HOUR_MS = 3_600_000;

/** How long a store keeps what nothing under way needs. */
export interface Retention {
  /** How long evidence is kept, and how long a sync that did not succeed may be resumed, ms. */
  readonly keepForMs: number;
  /** Of so many newest syncs of each application evidence is kept longer. */
  readonly keepSyncs: number;
}

/** What is kept where nobody says otherwise: evidence for 30 days, and that of the last 10 syncs of each application. */
export const DEFAULT_RETENTION: Retention = { keepForMs: 30 * 24 * HOUR_MS, keepSyncs: 10 };

/** A reference that is younger is never judged: what it belongs to may only be about to begin, ms. */
export const YOUNG_MS = HOUR_MS;

/** How long what no reference names stays: its writer may be about to refer to it, ms. */
export const GRACE_MS = 24 * HOUR_MS;
