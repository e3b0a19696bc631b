import { describe, expect, it } from 'vitest';
import { gatedObject, releasePatch } from '../../../core/hooks/gated-object.ts';
import { arrayAt, booleanAt, objectAt, stringAt } from '../../../core/json.ts';
import { GATE_ANNOTATION } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { annotationsOf, refOf, resourceVersionOf, uidOf } from '../../../core/objects.ts';
import { appliedUnchanged } from '../../../core/managed-fields/ownership.ts';
import { stamped } from '../../../core/apply/stamped.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { ApiError } from '../../../kubernetes/errors.ts';

/** An API server to hold against the contract, and an empty namespace of it. */
export interface ContractPlace {
  readonly cluster: Cluster;
  readonly namespace: string;
}

const signal = new AbortController().signal;
const REPLACED = { manager: 'syncline:shop', other: 'syncline:other' };

/** What Syncline takes for granted of an API server: the same of the model and of a real one. */
export function describeApiServer(name: string, placeFor: () => Promise<ContractPlace>): void {
  describe(`an API server: ${name}`, () => {
    it('creates a name once: the second POST is 409 AlreadyExists', async () => {
      const { cluster, namespace } = await placeFor();
      const created = await cluster.create(configMap(namespace, 'one'), {}, signal);
      expect(uidOf(created)).not.toBe('');
      await expectRefusal(cluster.create(configMap(namespace, 'two'), {}, signal), 409, 'AlreadyExists');
      expect(await valueOf(cluster, namespace)).toBe('one');
    });

    it('changes nothing by a dry run', async () => {
      const { cluster, namespace } = await placeFor();
      await cluster.create(configMap(namespace, 'one'), { dryRun: true }, signal);
      expect(await valueOf(cluster, namespace)).toBeUndefined();
    });

    it('replaces what nobody has changed since: a stale resourceVersion is 409, a missing object 404', async () => {
      const { cluster, namespace } = await placeFor();
      const first = await cluster.create(configMap(namespace, 'one'), {}, signal);
      const second = await cluster.replace(withValue(first, 'two'), {}, signal);
      expect(uidOf(second)).toBe(uidOf(first));
      await expectRefusal(cluster.replace(withValue(first, 'three'), {}, signal), 409, 'Conflict');
      expect(await valueOf(cluster, namespace)).toBe('two');
      await cluster.delete(refOf(second), { propagation: 'Background' }, signal);
      await expectRefusal(cluster.replace(withValue(second, 'four'), {}, signal), 404, 'NotFound');
    });

    it('does not write what does not change', async () => {
      const { cluster, namespace } = await placeFor();
      const first = await cluster.create(configMap(namespace, 'one'), {}, signal);
      const again = await cluster.replace(first, {}, signal);
      expect(resourceVersionOf(again)).toBe(resourceVersionOf(first));
    });

    it('deletes under preconditions: another UID or resourceVersion is 409, what is gone is false', async () => {
      const { cluster, namespace } = await placeFor();
      const first = await cluster.create(configMap(namespace, 'one'), {}, signal);
      const ref = refOf(first);
      const stale = {
        uid: uidOf(first),
        resourceVersion: resourceVersionOf(first),
        propagation: 'Background',
      } as const;
      await cluster.replace(withValue(first, 'two'), {}, signal);
      await expectRefusal(cluster.delete(ref, { uid: 'another', propagation: 'Background' }, signal), 409);
      await expectRefusal(cluster.delete(ref, stale, signal), 409);
      expect(await cluster.delete(ref, { uid: uidOf(first), propagation: 'Background' }, signal)).toBe(true);
      expect(await cluster.delete(ref, { uid: uidOf(first), propagation: 'Background' }, signal)).toBe(false);
    });

    it('patches as a whole: a test that fails is 422 and changes nothing, a missing object is 404', async () => {
      const { cluster, namespace } = await placeFor();
      const live = await cluster.create(configMap(namespace, 'one'), {}, signal);
      const patch = (uid: string) =>
        cluster.patch(
          refOf(live),
          [
            { op: 'replace', path: '/data/value', value: 'two' },
            { op: 'test', path: '/metadata/uid', value: uid },
          ],
          signal,
        );
      await expectRefusal(patch('another'), 422);
      expect(await valueOf(cluster, namespace)).toBe('one');
      await patch(uidOf(live));
      expect(await valueOf(cluster, namespace)).toBe('two');
      const missing = { op: 'remove', path: '/data/other' } as const;
      await expectRefusal(cluster.patch(refOf(live), [missing], signal), 422);
      await cluster.delete(refOf(live), { propagation: 'Background' }, signal);
      await expectRefusal(patch(uidOf(live)), 404);
    });

    it.each(['Job', 'Pod'])('releases a gated %s once', async (kind) => {
      const { cluster, namespace } = await placeFor();
      const manifest = kind === 'Job' ? job(namespace) : pod(namespace);
      const live = await cluster.create(gated(manifest), {}, signal);
      expect(isHeld(live)).toBe(true);
      const released = await cluster.patch(refOf(live), releasePatch(live, manifest), signal);
      expect(isHeld(released)).toBe(false);
      expect(annotationsOf(released)[GATE_ANNOTATION]).toBeUndefined();
      await expectRefusal(cluster.patch(refOf(live), releasePatch(live, manifest), signal), 422);
    });

    it('refuses a Pod that is gated and names its node', async () => {
      const { cluster, namespace } = await placeFor();
      const held = gated(pod(namespace));
      const placed = { ...held, spec: { ...objectAt(held, 'spec'), nodeName: 'node-1' } };
      await expectRefusal(cluster.create(placed, {}, signal), 422);
    });

    it('lets an object with a finalizer leave once it is gone, and deletes it again without complaint', async () => {
      const { cluster, namespace } = await placeFor();
      const held = configMap(namespace, 'one', { finalizers: ['syncline.dev/test'] });
      const live = await cluster.create(held, {}, signal);
      const ref = refOf(live);
      expect(await cluster.delete(ref, { uid: uidOf(live), propagation: 'Background' }, signal)).toBe(true);
      expect(await cluster.delete(ref, { uid: uidOf(live), propagation: 'Background' }, signal)).toBe(true);
      const leaving = await cluster.get(ref, signal);
      expect(stringAt(leaving, 'metadata', 'deletionTimestamp')).toBeDefined();
      await expectRefusal(cluster.create(configMap(namespace, 'two'), {}, signal), 409, 'AlreadyExists');
      await cluster.patch(ref, [{ op: 'remove', path: '/metadata/finalizers' }], signal);
      expect(await cluster.get(ref, signal)).toBeUndefined();
    });

    it('lists by labels', async () => {
      const { cluster, namespace } = await placeFor();
      await cluster.create(configMap(namespace, 'one', { labels: { app: 'shop', tier: 'a' } }), {}, signal);
      const count = async (labelSelector: string) => {
        const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector };
        return (await cluster.list(query, signal)).length;
      };
      expect(await count('app=shop')).toBe(1);
      expect(await count('app=shop,tier')).toBe(1);
      expect(await count('app=shop,tier=b')).toBe(0);
      expect(await count('absent')).toBe(0);
    });
  });

  describe(`server-side apply: ${name}`, () => {
    const applyAs = (cluster: Cluster, object: KubernetesObject, fieldManager: string, force = false) =>
      cluster.apply(object, { fieldManager, force }, signal);

    it('makes and changes an object, and takes away what its manager no longer says', async () => {
      const { cluster, namespace } = await placeFor();
      const first = configMap(namespace, 'one');
      await applyAs(cluster, { ...first, data: { value: 'one', more: 'yes' } }, REPLACED.manager);
      const live = await applyAs(cluster, configMap(namespace, 'two'), REPLACED.manager);
      expect(live['data']).toEqual({ value: 'two' });
    });

    it('is unchanged after its own apply, and changed after an edit by hand', async () => {
      const { cluster, namespace } = await placeFor();
      const desired = stamped(configMap(namespace, 'one'), { owner: 'shop/shop', digest: 'd', namespace });
      const live = await applyAs(cluster, desired, REPLACED.manager);
      expect(appliedUnchanged(desired, live, REPLACED.manager)).toBe(true);
      const edit = { op: 'replace', path: '/data/value', value: 'edited' } as const;
      const edited = await cluster.patch(refOf(live), [edit], signal);
      expect(appliedUnchanged(desired, edited, REPLACED.manager)).toBe(false);
    });

    it('refuses a field of another manager with 409, and takes it by force', async () => {
      const { cluster, namespace } = await placeFor();
      await applyAs(cluster, configMap(namespace, 'one'), REPLACED.other);
      const error = await expectRefusal(applyAs(cluster, configMap(namespace, 'two'), REPLACED.manager), 409);
      expect(error.causes).toMatchObject([{ field: '.data.value', type: 'FieldManagerConflict' }]);
      expect(error.causes[0]?.message).toContain(`conflict with "${REPLACED.other}"`);
      const forced = await applyAs(cluster, configMap(namespace, 'two'), REPLACED.manager, true);
      expect(stringAt(forced, 'data', 'value')).toBe('two');
    });

    it('shares a field that two managers set alike, and keeps it while one still does', async () => {
      const { cluster, namespace } = await placeFor();
      await applyAs(cluster, configMap(namespace, 'one'), REPLACED.other);
      await applyAs(cluster, configMap(namespace, 'one'), REPLACED.manager);
      const { data: _, ...bare } = configMap(namespace, 'one');
      const live = await applyAs(cluster, bare, REPLACED.other);
      expect(stringAt(live, 'data', 'value')).toBe('one');
    });
  });
}

async function expectRefusal(answer: Promise<unknown>, code: number, reason?: string): Promise<ApiError> {
  const error: unknown = await answer.then(
    () => undefined,
    (refused: unknown) => refused,
  );
  if (!(error instanceof ApiError)) throw new Error(`expected ${String(code)}, but: ${String(error)}`);
  expect(error.code).toBe(code);
  if (reason !== undefined) expect(error.reason).toBe(reason);
  return error;
}

function configMap(namespace: string, value: string, metadata: KubernetesObject = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace, ...metadata },
    data: { value },
  };
}

function withValue(live: KubernetesObject, value: string): KubernetesObject {
  return { ...live, data: { value } };
}

async function valueOf(cluster: Cluster, namespace: string): Promise<string | undefined> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' };
  return stringAt(await cluster.get(ref, signal), 'data', 'value');
}

const SPEC = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work' }] };

function job(namespace: string): KubernetesObject {
  const metadata = { name: 'migrate', namespace };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { backoffLimit: 0, template: { spec: SPEC } } };
}

function pod(namespace: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'migrate', namespace }, spec: SPEC };
}

function gated(manifest: KubernetesObject): KubernetesObject {
  return gatedObject(manifest, { ref: refOf(manifest), labels: {}, annotations: {}, gate: 's1.1', claim: '1' });
}

function isHeld(live: KubernetesObject): boolean {
  return booleanAt(live, 'spec', 'suspend') === true || arrayAt(live, 'spec', 'schedulingGates').length > 0;
}
