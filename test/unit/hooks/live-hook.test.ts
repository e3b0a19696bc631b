import { describe, expect, it } from 'vitest';
import { classifyLiveHook, isOfAttempt } from '../../../core/hooks/live-hook.ts';
import type { JsonObject } from '../../../core/json.ts';
import { ATTEMPT_LABEL, GATE_ANNOTATION, OWNER_ANNOTATION, PHASE_LABEL, SYNC_LABEL } from '../../../core/markers.ts';
import type { DeletePolicy } from '../../../core/phases.ts';
import { aHook } from '../../support/compact-plans.ts';

const MARK = { owner: 'shop/shop', syncId: 's1', phase: 'PreSync', attempt: 2 };
const OURS: Marks = { owner: 'shop/shop', sync: 's1', phase: 'PreSync', attempt: '2' };
const ARGO: JsonObject = { 'argocd.argoproj.io/tracking-id': 'shop:batch/Job:shop/migrate' };

interface Marks {
  readonly owner?: string;
  readonly sync?: string;
  readonly phase?: string;
  readonly attempt?: string;
}

function metadataOf(marks: Marks, annotations: JsonObject = {}, more: JsonObject = {}): JsonObject {
  const { owner, sync, phase, attempt } = marks;
  return {
    name: 'migrate',
    namespace: 'shop',
    uid: 'u1',
    labels: {
      ...(sync === undefined ? {} : { [SYNC_LABEL]: sync }),
      ...(phase === undefined ? {} : { [PHASE_LABEL]: phase }),
      ...(attempt === undefined ? {} : { [ATTEMPT_LABEL]: attempt }),
    },
    annotations: { ...(owner === undefined ? {} : { [OWNER_ANNOTATION]: owner }), ...annotations },
    ...more,
  };
}

function aJob(state: 'running' | 'complete' | 'failed' | 'suspended', metadata: JsonObject): JsonObject {
  const type = state === 'complete' ? 'Complete' : 'Failed';
  const ended = state === 'complete' || state === 'failed';
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { suspend: state === 'suspended' },
    status: ended ? { conditions: [{ type, status: 'True' }] } : { active: 1 },
  };
}

function aPod(phase: string, metadata: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { restartPolicy: 'Never' }, status: { phase } };
}

const EARLIER: Marks = { ...OURS, attempt: '1' };
const OTHER_SYNC: Marks = { ...OURS, sync: 's0' };
const OTHER_PHASE: Marks = { ...OURS, phase: 'PostSync' };
const OTHER_APPLICATION: Marks = { ...OURS, owner: 'shop/other' };
const GATE: JsonObject = { [GATE_ANNOTATION]: 's0.1' };
const LEAVING: JsonObject = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe('what stands under the name of a Job or Pod', () => {
  it.each<[string, JsonObject | undefined, string]>([
    ['nothing', undefined, 'absent'],
    ['our attempt, running', aJob('running', metadataOf(OURS)), 'own'],
    ['our attempt, gated', aJob('suspended', metadataOf(OURS, GATE)), 'own'],
    ['our attempt, ended', aJob('complete', metadataOf(OURS)), 'own'],
    ['our attempt, being deleted', aJob('running', metadataOf(OURS, {}, LEAVING)), 'leaving'],
    ['an earlier attempt, failed', aJob('failed', metadataOf(EARLIER)), 'replace'],
    ['an earlier attempt, running', aJob('running', metadataOf(EARLIER)), 'running'],
    ['an earlier attempt, gated', aJob('suspended', metadataOf(EARLIER, GATE)), 'replace'],
    ['another phase, ended', aJob('complete', metadataOf(OTHER_PHASE)), 'replace'],
    ['another phase, running', aJob('running', metadataOf(OTHER_PHASE)), 'running'],
    ['another sync, ended', aJob('complete', metadataOf(OTHER_SYNC)), 'replace'],
    ['another sync, running', aJob('running', metadataOf(OTHER_SYNC)), 'running'],
    ['another sync, gated', aJob('suspended', metadataOf(OTHER_SYNC, GATE)), 'replace'],
    ['another application, ended', aJob('complete', metadataOf(OTHER_APPLICATION)), 'replace'],
    ['another application, running', aJob('running', metadataOf(OTHER_APPLICATION)), 'running'],
    [
      'a copy of our labels without our owner',
      aJob('running', metadataOf({ sync: 's1', phase: 'PreSync', attempt: '2' })),
      'running',
    ],
    ['one of Argo CD, ended', aJob('complete', metadataOf({}, ARGO)), 'replace'],
    ['one of Argo CD, running', aJob('running', metadataOf({}, ARGO)), 'running'],
    ['one of Argo CD, held by its finalizer', aJob('complete', metadataOf({}, ARGO, LEAVING)), 'leaving'],
    ["nobody's, failed", aJob('failed', metadataOf({})), 'replace'],
    ["nobody's, suspended by hand", aJob('suspended', metadataOf({})), 'running'],
    ["nobody's Pod, ended", aPod('Succeeded', metadataOf({})), 'replace'],
    ["nobody's Pod, pending", aPod('Pending', metadataOf({})), 'running'],
    ["nobody's Pod, running", aPod('Running', metadataOf({})), 'running'],
  ])('%s', (_, live, expected) => {
    for (const deletePolicies of [[], ['BeforeHookCreation']] as readonly DeletePolicy[][]) {
      expect(classifyLiveHook(live, aHook('migrate', { deletePolicies }), MARK).kind).toBe(expected);
    }
  });
});

describe('what stands under the name of a kind without an end', () => {
  const configMap = (metadata: JsonObject): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const claim = (metadata: JsonObject): JsonObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    status: { phase: 'Pending' },
  });
  it.each<[string, readonly DeletePolicy[], JsonObject, string]>([
    ['a ConfigMap that goes before', ['BeforeHookCreation'], configMap(metadataOf(OTHER_SYNC)), 'replace'],
    ['a ConfigMap that is kept', ['HookSucceeded'], configMap(metadataOf(OTHER_SYNC)), 'keep'],
    ['a ConfigMap of nobody that is kept', [], configMap(metadataOf({})), 'keep'],
    ['our own ConfigMap', ['BeforeHookCreation'], configMap(metadataOf(OURS)), 'own'],
    ['a ConfigMap on its way out', [], configMap(metadataOf({}, {}, LEAVING)), 'leaving'],
    ['a pending claim that goes before', ['BeforeHookCreation'], claim(metadataOf(OTHER_SYNC)), 'replace'],
    ['a pending claim that is kept', [], claim(metadataOf(OTHER_SYNC)), 'keep'],
  ])('%s', (_, deletePolicies, live, expected) => {
    const hook = aHook('migrate', { deletePolicies, runsToCompletion: false });
    expect(classifyLiveHook(live, hook, MARK).kind).toBe(expected);
  });
});

describe('an object is of an attempt', () => {
  it.each<[string, Marks, boolean]>([
    ['with every mark', OURS, true],
    ['not of another attempt', EARLIER, false],
    ['not of another sync', OTHER_SYNC, false],
    ['not of another phase', OTHER_PHASE, false],
    ['not of another application', OTHER_APPLICATION, false],
    ['not without marks', {}, false],
  ])('%s', (_, marks, expected) => {
    expect(isOfAttempt(aJob('running', metadataOf(marks)), MARK)).toBe(expected);
  });

  it('never before it has a UID', () => {
    expect(isOfAttempt(aJob('running', metadataOf(OURS, {}, { uid: '' })), MARK)).toBe(false);
  });
});
