import { describe, expect, it } from 'vitest';
import { setDefinition } from '../../../activities/applications/definitions.ts';
import { checkWindows } from '../../../activities/plan/window-check.ts';
import type { SyncOptions, SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import { ApiError } from '../../../kubernetes/errors.ts';
import { intercepted } from '../../fakes/interception.ts';
import { modelCluster } from '../../fakes/model-cluster.ts';

const signal = new AbortController().signal;
const NOON = Date.parse('2026-11-25T12:00:00Z');
const DENIED = 'deny 0 9 * * * 8h';

function requestOf(options: Partial<SyncOptions> = {}, traits: Partial<SyncRequest> = {}): SyncRequest {
  return {
    version: 1,
    ...{ syncId: 's1', application: 'shop', cluster: 'default', namespace: 'shop', createNamespace: false },
    ...{ bundle: 'sha256:b', revision: 'r1', requestedBy: 'ann', requestedAt: NOON, indexed: false },
    options: { ...DEFAULT_SYNC_OPTIONS, ...options },
    ...traits,
  };
}

async function checked(request: SyncRequest, windows: readonly string[] = [DENIED]) {
  const cluster = modelCluster();
  const names = { version: 1, application: 'shop', namespace: 'shop', source: { location: './deploy' } } as const;
  await setDefinition(cluster, 'syncline', { ...names, windows }, signal);
  return checkWindows(request, { signal, now: () => NOON }, { cluster: async () => cluster });
}

describe('a window of an application', () => {
  it('holds back a start, and says which it is, until when, and what helps', async () => {
    expect(await checked(requestOf())).toEqual({
      kind: 'failed',
      opensAt: Date.parse('2026-11-25T17:00:00Z'),
      failures: [
        {
          type: 'WindowClosed',
          message: `syncs of shop are held back until 2026-11-25T17:00:00.000Z: window "${DENIED}" is active`,
          remedy: 'wait for it with --if-closed wait, or begin anyway with --override-window REASON',
        },
      ],
    });
  });

  it('is overridden with a reason that stays on record', async () => {
    expect(await checked(requestOf({ overrideWindow: 'hotfix' }))).toEqual({
      kind: 'overridden',
      warning: `Begun by ann although window "${DENIED}" holds it back: hotfix.`,
    });
  });

  it.each([
    ['a dry run', requestOf({ dryRun: true })],
    ['a deletion', requestOf({}, { deletion: { orphan: false, skipHooks: false } })],
    ['a rollback', requestOf({}, { rollback: { syncId: 's0', number: 1 } })],
    ['another application', requestOf({}, { application: 'blog' })],
  ])('does not hold back %s', async (_, request) => {
    expect(await checked(request)).toEqual({ kind: 'open' });
  });

  it('is open where there is none, and for a worker that may not read what is kept', async () => {
    expect(await checked(requestOf(), [])).toEqual({ kind: 'open' });
    const details = { code: 403, reason: 'Forbidden', causes: [], retryAfterSeconds: undefined };
    const refuse = (): never => {
      throw new ApiError('configmaps is forbidden', details);
    };
    const cluster = intercepted(modelCluster(), 'cluster', { before: refuse });
    const check = checkWindows(requestOf(), { signal, now: () => NOON }, { cluster: async () => cluster });
    expect(await check).toEqual({ kind: 'open' });
  });
});
