import { describe, expect, it } from 'vitest';
import { objectDifference } from '../../../core/diff/object-difference.ts';
import { pathText } from '../../../core/diff/field-path.ts';
import { redactor } from '../../../core/evidence/redaction.ts';
import { base64Of } from '../../../core/base64.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { refOf } from '../../../core/objects.ts';

const plain = redactor([]);

function difference(live: KubernetesObject, predicted: KubernetesObject, redact = plain) {
  return objectDifference(refOf(live), live, predicted, redact);
}

function aConfigMap(metadata: JsonObject, rest: JsonObject = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'shop', ...metadata }, ...rest };
}

function aSecret(data: JsonObject): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop' }, type: 'Opaque', data };
}

describe('the difference of an object', () => {
  it('leaves out its status and what server and tools write into its metadata', () => {
    const live = aConfigMap(
      {
        uid: 'u1',
        resourceVersion: '7',
        generation: 1,
        creationTimestamp: 't',
        managedFields: [{ manager: 'kubectl' }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
      { status: { ready: true } },
    );
    const predicted = aConfigMap({
      uid: 'u1',
      resourceVersion: '8',
      generation: 2,
      managedFields: [{ manager: 'syncline:shop' }],
      annotations: { 'syncline.dev/owner': 'shop/shop', 'syncline.dev/digest': 'abc' },
    });
    expect(difference(live, predicted)).toEqual({ kind: 'marked', ref: refOf(live) });
  });

  it('keeps annotations that are not bookkeeping', () => {
    const found = difference(aConfigMap({}), aConfigMap({ annotations: { team: 'shop' } }));
    expect(found).toMatchObject({ kind: 'changed', changes: [{ kind: 'added', after: { team: 'shop' } }] });
  });

  it('shows that values of a Secret change, and neither them nor their length [argo 2.8.diff]', () => {
    const before = { kept: base64Of('same-value'), changed: base64Of('old-value'), gone: base64Of('gone-value') };
    const after = { kept: before.kept, changed: base64Of('a-much-longer-new-value'), added: base64Of('added-value') };
    const found = difference(aSecret(before), aSecret(after));
    const told = found.kind === 'changed' ? found.changes : [];
    expect(told.map((change) => ({ ...change, path: pathText(change.path) }))).toEqual([
      { kind: 'added', path: 'data.added', after: '(hidden)' },
      { kind: 'changed', path: 'data.changed', before: '(hidden)', after: '(hidden, another value)' },
      { kind: 'removed', path: 'data.gone', before: '(hidden)' },
    ]);
  });

  it('hides the values of a Secret that gets its first ones', () => {
    const empty = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop' } };
    const found = difference(empty, { ...empty, data: { password: base64Of('hunter2-secret') } });
    expect(JSON.stringify(found)).not.toContain(base64Of('hunter2-secret'));
  });

  it('takes the values of Secrets out of other objects, and still says that they change', () => {
    const redact = redactor(['old-password', 'new-password']);
    const live = aConfigMap({}, { data: { url: 'db://shop:old-password@db' } });
    const found = difference(live, aConfigMap({}, { data: { url: 'db://shop:new-password@db' } }), redact);
    expect(found).toMatchObject({
      kind: 'changed',
      changes: [{ before: 'db://shop:[redacted]@db', after: 'db://shop:[redacted]@db' }],
    });
  });
});
