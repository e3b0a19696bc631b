/** What Syncline does about one thing that Argo CD does. */
export type Stance =
  | { readonly state: 'same' }
  | { readonly state: 'differs'; readonly how: string }
  | { readonly state: 'not applicable'; readonly why: string }
  | { readonly state: 'not yet'; readonly why: string };

/** One thing that Argo CD does in a sync, in a clause. */
export interface Row {
  /** Names the row within its section. */
  readonly slug: string;
  readonly argo: string;
  readonly stance: Stance;
}

/** Rows that belong together. A test names one as `[argo <section>.<slug>]`. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** A row on which both agree. */
export function same(slug: string, argo: string): Row {
  return { slug, argo, stance: { state: 'same' } };
}

/** A row on which Syncline differs on purpose. */
export function differs(slug: string, argo: string, how: string): Row {
  return { slug, argo, stance: { state: 'differs', how } };
}

/** A row that means nothing for Syncline, and why. */
export function notApplicable(slug: string, argo: string, why: string): Row {
  return { slug, argo, stance: { state: 'not applicable', why } };
}

/** A row that Syncline does not do yet, and what happens instead. */
export function notYet(slug: string, argo: string, why: string): Row {
  return { slug, argo, stance: { state: 'not yet', why } };
}

/** The name of a row in a test's tag. */
export function tagOf(section: Section, row: Row): string {
  return `${section.id}.${row.slug}`;
}
