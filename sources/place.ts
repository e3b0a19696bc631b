import type { Boundary } from './boundary.ts';

/** Something on this machine to read manifests from. */
export interface Place {
  readonly path: string;
  /** What messages call it: what the user wrote. */
  readonly named: string;
  /** The checkout of a git repository that it lies in. */
  readonly checkout?: Boundary;
}

/** What messages call something in a place: paths are not normalised, as the place may be a URL. */
export function below(named: string, file: string): string {
  return file === '' || file === '.' ? named : `${named.replace(/\/+$/, '')}/${file}`;
}
