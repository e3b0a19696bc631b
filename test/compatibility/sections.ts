import { ALGORITHM } from './algorithm.ts';
import { ANNOTATIONS } from './annotations.ts';
import { CASES } from './cases.ts';
import { HEALTH } from './health.ts';
import { PAINS } from './pains.ts';
import type { Section } from './row.ts';
import { SYNC_OPTIONS } from './sync-options.ts';

/** Everything the page tells of, in its order. */
export const SECTIONS: readonly Section[] = [ANNOTATIONS, ...ALGORITHM, SYNC_OPTIONS, HEALTH, CASES, PAINS];
