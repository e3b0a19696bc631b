import { describe, expect, it } from 'vitest';
import { renderSyncState } from '../../../cli/render/sync-state.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { ObjectRef } from '../../../core/objects.ts';

const plain = styleOf(false);

function refs(count: number): readonly ObjectRef[] {
  return Array.from({ length: count }, (_, at) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: `c${String(at)}` }));
}

describe('the sync state in the terminal', () => {
  it('is one line where all is as it was synced', () => {
    expect(renderSyncState({ state: 'in-sync' }, plain)).toBe('✓ in sync');
  });

  it('counts what differs by sort, and names at most five of each', () => {
    expect(
      renderSyncState({ state: 'out-of-sync', differing: refs(7), missing: refs(1), extra: [] }, plain).split('\n'),
    ).toEqual([
      '! out of sync: 7 differ, 1 missing',
      '    differ: ConfigMap/c0, ConfigMap/c1, ConfigMap/c2, ConfigMap/c3, ConfigMap/c4 and 2 more',
      '    missing: ConfigMap/c0',
    ]);
  });

  it('says why it is not known', () => {
    expect(renderSyncState({ state: 'unknown', reason: 'no worker answers' }, plain)).toBe(
      'sync state unknown: no worker answers',
    );
  });
});
