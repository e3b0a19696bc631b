import { describe, expect, it } from 'vitest';
import { readIgnoreRules } from '../../../core/ignored/read-rules.ts';
import { rulesFor } from '../../../core/ignored/rules.ts';
import type { Json } from '../../../core/json.ts';

const replicas = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] };

describe('rules of ignored fields', () => {
  it('are read from a list and from an Application', () => {
    const application = { kind: 'Application', spec: { ignoreDifferences: [replicas] } };
    expect(readIgnoreRules([replicas], 'rules.yaml')).toEqual({ rules: [replicas], failures: [] });
    expect(readIgnoreRules(application, 'app.yaml')).toEqual({ rules: [replicas], failures: [] });
    expect(readIgnoreRules({ kind: 'Application', spec: {} }, 'app.yaml')).toEqual({ rules: [], failures: [] });
  });

  it('take a missing group for the core group, and an empty name for any', () => {
    const rule = { kind: 'Service', name: '', namespace: null, jqPathExpressions: ['.spec'], jsonPointers: null };
    expect(readIgnoreRules([rule], 'f').rules).toEqual([{ group: '', kind: 'Service', jqPathExpressions: ['.spec'] }]);
  });

  it.each<[Json, string]>([
    [{ rules: [] }, 'f holds no list of rules and no Application with spec.ignoreDifferences.'],
    [['x'], 'f: ignoreDifferences[0] is no map.'],
    [[replicas, { ...replicas, kind: '' }], 'f: ignoreDifferences[1], kind: is missing.'],
    [[{ ...replicas, name: 7 }], 'f: ignoreDifferences[0], name: is no text.'],
    [[{ ...replicas, jsonPointers: '/a' }], 'f: ignoreDifferences[0], jsonPointers: is no list of texts.'],
    [[{ ...replicas, jqPathExpressions: [1] }], 'f: ignoreDifferences[0], jqPathExpressions: is no list of texts.'],
    [[{ ...replicas, jsonPointer: [] }], 'f: ignoreDifferences[0], jsonPointer: no rule has this field.'],
    [
      [{ ...replicas, jsonPointers: ['spec'] }],
      'f: ignoreDifferences[0], jsonPointers: "spec" is no JSON pointer to a field, such as /spec/replicas.',
    ],
    [
      [{ kind: 'Service', jsonPointers: [] }],
      'f: ignoreDifferences[0] names no fields: it needs one of jsonPointers, jqPathExpressions, managedFieldsManagers.',
    ],
  ])('are refused with their place: %j', (value, message) => {
    expect(readIgnoreRules(value, 'f').failures).toEqual([{ type: 'InvalidRequest', message }]);
  });

  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  it.each([
    [{}, true],
    [{ group: '*', kind: '*' }, true],
    [{ kind: 'Deploy*' }, true],
    [{ group: '' }, false],
    [{ group: 'app' }, false],
    [{ name: 'web', namespace: 'shop' }, true],
    [{ name: 'we*' }, false],
    [{ namespace: 'other' }, false],
  ])('%j is for Deployment shop/web: %j', (told, expected) => {
    expect(rulesFor([{ ...replicas, ...told }], web)).toHaveLength(expected ? 1 : 0);
  });
});
