import type { SyncStatus } from './status.ts';

/** Where a sync stands, and what it takes there, as a clause for somebody whose command it can't take. */
export function whereItStands({ state, phases, window }: SyncStatus): string {
  const gate = phases.flatMap(({ waves }) => waves).find((wave) => wave.state === 'waiting')?.approval?.gate;
  switch (state) {
    case 'queued':
      return 'it waits for its turn';
    case 'planning':
      return window === undefined ? 'it is being planned' : 'it waits for its window, and takes `abort`';
    case 'running':
      return gate === undefined
        ? 'it is running'
        : `it waits at gate ${gate}, and takes \`approve\`, \`reject\` or \`abort\``;
    case 'holding':
      return 'it holds after a failure, and takes `retry`, `skip` or `abort`';
    case 'succeeded':
    case 'failed':
    case 'aborted':
    case 'superseded':
      return `it has ended: ${state}`;
  }
}
