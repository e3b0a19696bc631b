import type { Push } from '../../core/triggers/push.ts';

/** A push to the branch `main`. */
export function aPush(change: Partial<Push> = {}): Push {
  return {
    ...{ sender: 'github', id: 'push', repositories: ['https://git/shop'], commit: 'c0ffee'.padEnd(40, '0') },
    ...{ ref: { kind: 'branch', name: 'main' }, by: 'alice' },
    ...change,
  };
}
