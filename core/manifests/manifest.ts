import type { KubernetesObject } from '../objects.ts';

/** Where in the user's files an object begins. */
export interface Location {
  /** Path as the user would write it, relative to the source's root. */
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
}

/** One object as its author wrote it, and where. */
export interface Manifest {
  readonly object: KubernetesObject;
  readonly location: Location;
}
