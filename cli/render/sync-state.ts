import type { SyncStateReport } from '../../client/reports/sync-state-report.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { titleOf } from '../../core/objects.ts';
import { oneLine } from './cells.ts';
import type { Style } from './style.ts';

/** Objects that are named of each sort; `-o json` has them all. */
const MOST_NAMED = 5;

/** How an application stands to the manifests of its latest sync, in one line and one more for each sort of difference. */
export function renderSyncState(report: SyncStateReport, style: Style): string {
  switch (report.state) {
    case 'in-sync':
      return `${style.green('✓')} in sync`;
    case 'unknown':
      return style.dim(`sync state unknown: ${oneLine(report.reason)}`);
    case 'out-of-sync': {
      const sorts = [
        [report.differing, report.differing.length === 1 ? 'differs' : 'differ'],
        [report.missing, 'missing'],
        [report.extra, 'extra'],
      ] as const;
      const some = sorts.filter(([refs]) => refs.length > 0);
      const counted = some.map(([refs, word]) => `${String(refs.length)} ${word}`).join(', ');
      const named = some.map(([refs, word]) => `    ${word}: ${namesOf(refs)}`);
      return [`${style.yellow('!')} out of sync: ${counted}`, ...named].join('\n');
    }
  }
}

function namesOf(refs: readonly ObjectRef[]): string {
  const named = refs.slice(0, MOST_NAMED).map(titleOf).join(', ');
  return refs.length > MOST_NAMED ? `${named} and ${String(refs.length - MOST_NAMED)} more` : named;
}
