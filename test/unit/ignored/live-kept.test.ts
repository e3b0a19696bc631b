import { describe, expect, it } from 'vitest';
import { withLiveKept } from '../../../core/ignored/live-kept.ts';
import { pointerPath } from '../../../core/ignored/paths.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';

const FIELD_MANAGER = 'syncline:shop';

/** A live object, and which manager owns which fields of it. */
function live(object: JsonObject, owned: Readonly<Record<string, JsonObject>>): KubernetesObject {
  const managedFields = Object.entries(owned).map(([manager, fieldsV1]) => ({
    manager,
    operation: 'Apply',
    fieldsType: 'FieldsV1',
    fieldsV1,
  }));
  return { ...object, metadata: { ...(object['metadata'] as JsonObject | undefined), name: 'x', managedFields } };
}

const named = { metadata: { name: 'x' } };
const pathsOf = (pointers: readonly string[]) => pointers.map((pointer) => pointerPath(pointer) ?? []);

function applied(desired: JsonObject, standing: KubernetesObject, ...pointers: readonly string[]): KubernetesObject {
  const kept = { live: standing, paths: pathsOf(pointers), fieldManager: FIELD_MANAGER };
  return withLiveKept({ ...named, ...desired }, kept, 'apply');
}

function whole(desired: JsonObject, standing: KubernetesObject, ...pointers: readonly string[]): KubernetesObject {
  const kept = { live: standing, paths: pathsOf(pointers), fieldManager: FIELD_MANAGER };
  return withLiveKept({ ...named, ...desired }, kept, 'whole');
}

const ours = (fields: JsonObject) => ({ [FIELD_MANAGER]: fields });
const spec = (...fields: readonly string[]): JsonObject => ({
  'f:spec': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])),
});

describe('fields that keep their live values in an apply', () => {
  const desired = { spec: { replicas: 1, paused: false } };
  const standing = { spec: { replicas: 5, paused: false } };

  it.each([
    ['are left out where another manager owns them', { hpa: spec('replicas'), ...ours(spec('paused')) }, undefined],
    [
      'are left out where another manager owns them too',
      { hpa: spec('replicas'), ...ours(spec('replicas')) },
      undefined,
    ],
    ['are left out where nobody owns them', ours(spec('paused')), undefined],
    ['have their live value where only we own them', ours(spec('replicas', 'paused')), 5],
  ])('%s', (_case, owned, replicas) => {
    expect(applied(desired, live(standing, owned), '/spec/replicas')).toEqual({
      ...named,
      spec: { paused: false, ...(replicas === undefined ? {} : { replicas }) },
    });
  });

  it('are sent as they are written where the live object lacks them', () => {
    const sent = applied(desired, live({ spec: { paused: true } }, ours(spec('paused'))), '/spec/replicas');
    expect(sent).toEqual({ ...named, ...desired });
  });

  it('stay although the manifest has them no more, where only we own them', () => {
    const owned = ours(spec('replicas', 'paused'));
    const sent = applied({ spec: { paused: false } }, live(standing, owned), '/spec/replicas');
    expect(sent).toEqual({ ...named, spec: { replicas: 5, paused: false } });
  });

  it('are found in an item of an associative list by its keys, wherever it stands', () => {
    const webhooks = [
      { name: 'a', caBundle: '' },
      { name: 'b', caBundle: '' },
    ];
    const injected = [
      { name: 'b', caBundle: 'B' },
      { name: 'a', caBundle: 'A' },
    ];
    const item = (name: string, ...fields: readonly string[]) => ({
      [`k:${JSON.stringify({ name })}`]: { '.': {}, ...Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
    });
    const owned = {
      ...ours({ 'f:webhooks': { ...item('a', 'name', 'caBundle'), ...item('b', 'name') } }),
      injector: { 'f:webhooks': item('b', 'caBundle') },
    };
    const sent = applied(
      { webhooks },
      live({ webhooks: injected }, owned),
      '/webhooks/0/caBundle',
      '/webhooks/1/caBundle',
    );
    expect(sent['webhooks']).toEqual([{ name: 'a', caBundle: 'A' }, { name: 'b' }]);
  });

  it('have their live value in a list that is owned as a whole, whoever owns it', () => {
    const rules = (host: string, port: number) => ({ spec: { rules: [{ host, port }] } });
    const sent = applied(rules('new', 80), live(rules('old', 8080), { other: spec('rules') }), '/spec/rules/0/port');
    expect(sent).toEqual({ ...named, ...rules('new', 8080) });
  });

  it('are those parts of a map that others do not own', () => {
    const owned = {
      ...ours({ 'f:spec': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} } } }),
      scaler: { 'f:spec': { 'f:limits': { 'f:memory': {} } } },
    };
    const standing = { spec: { limits: { cpu: '2', memory: '4Gi' } } };
    const sent = applied({ spec: { limits: { cpu: '1', memory: '1Gi' } } }, live(standing, owned), '/spec/limits');
    expect(sent).toEqual({ ...named, spec: { limits: { cpu: '2' } } });
  });

  it('are never the status, the name or our own marks', () => {
    const marked = { metadata: { name: 'x', annotations: { 'syncline.dev/digest': 'new', note: 'new' } } };
    const old = { metadata: { annotations: { 'syncline.dev/digest': 'old', note: 'old' } }, status: { ready: 1 } };
    const sent = applied({ ...marked, status: {} }, live(old, ours(spec('paused'))), '/metadata', '/status');
    expect(sent).toEqual({ metadata: { name: 'x', annotations: { 'syncline.dev/digest': 'new' } }, status: {} });
  });
});

describe('fields that keep their live values in what is written whole', () => {
  it('have them, whoever owns them', () => {
    const standing = live({ spec: { replicas: 5, paused: true } }, { hpa: spec('replicas') });
    expect(whole({ spec: { replicas: 1 } }, standing, '/spec/replicas')).toEqual({ ...named, spec: { replicas: 5 } });
  });

  it('are items that the manifest lacks, too', () => {
    const standing = live({ items: [{ name: 'a' }, { name: 'injected' }, { name: 'old' }] }, {});
    const sent = whole({ items: [{ name: 'a', at: 1 }] }, standing, '/items/1');
    expect(sent['items']).toEqual([{ name: 'a', at: 1 }, { name: 'injected' }]);
  });

  it('go before the strings that a Secret is written with', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret' };
    const standing = live({ ...secret, data: { token: 'bGl2ZQ==', user: 'bGl2ZQ==' } }, {});
    const sent = whole({ ...secret, stringData: { token: 'ours', user: 'ours' } }, standing, '/data/token');
    expect(sent).toEqual({ ...secret, ...named, data: { token: 'bGl2ZQ==' }, stringData: { user: 'ours' } });
  });
});
