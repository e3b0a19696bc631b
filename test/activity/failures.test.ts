import { describe, expect, it } from 'vitest';
import { failureOf } from '../../activities/failures.ts';
import { failure } from '../../core/failures.ts';
import { ApiError, ConnectionError } from '../../kubernetes/errors.ts';

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };

function apiError(code: number, reason: string, message = 'said', causes: ApiError['causes'] = []): ApiError {
  return new ApiError(message, { code, reason, causes, retryAfterSeconds: undefined });
}

const cause = (type: string, message: string, field = 'spec.x') => ({ type, message, field });

describe('an error of the cluster', () => {
  it.each<[string, Error, string | undefined]>([
    ['no answer', new ConnectionError('refused'), undefined],
    ['429', apiError(429, 'TooManyRequests'), undefined],
    ['500 of a webhook that can not be reached', apiError(500, 'InternalError', 'failed calling webhook'), undefined],
    ['503', apiError(503, 'ServiceUnavailable'), undefined],
    ['a lost race', apiError(409, 'Conflict'), undefined],
    ['a name that is taken', apiError(409, 'AlreadyExists'), undefined],
    ['a kind that is not served yet', apiError(404, 'KindNotServed'), undefined],
    ['a namespace on its way out', apiError(403, 'Forbidden', 'm', [cause('NamespaceTerminating', 'm')]), undefined],
    [
      'a namespace too new for Pods',
      apiError(403, 'Forbidden', 'error looking up service account shop/default: serviceaccount "default" not found'),
      undefined,
    ],
    ['an abort', new DOMException('stop', 'AbortError'), undefined],
    ['401', apiError(401, 'Unauthorized'), 'Forbidden'],
    ['403', apiError(403, 'Forbidden'), 'Forbidden'],
    ['400', apiError(400, 'BadRequest'), 'InvalidManifest'],
    ['405', apiError(405, 'MethodNotAllowed'), 'InvalidManifest'],
    ['413', apiError(413, 'RequestEntityTooLarge'), 'InvalidManifest'],
    ['422', apiError(422, 'Invalid'), 'InvalidManifest'],
    ['404 of the namespace', apiError(404, 'NotFound', 'namespaces "shop" not found'), 'NamespaceNotFound'],
    ['404 of something else', apiError(404, 'NotFound', 'roles "r" not found'), 'ApplyFailed'],
    [
      'a conflict of managers',
      apiError(409, 'Conflict', 'm', [cause('FieldManagerConflict', 'conflict with "hpa" using v1')]),
      'FieldConflict',
    ],
    ['a failure of the catalogue', failure('BundleNotFound', 'gone'), 'BundleNotFound'],
    ['a failure that may pass', failure('ClusterUnavailable', 'later'), undefined],
  ])('%s becomes the right failure, or is thrown on', (_, error, type) => {
    expect(failureOf(error, { ref })?.type).toBe(type);
  });

  it('names object and place', () => {
    const found = failureOf(apiError(400, 'BadRequest'), { ref, location: { file: 'a.yaml', line: 7 } });
    expect(found).toMatchObject({ object: 'Deployment shop/web', location: 'a.yaml:7' });
  });

  it.each([
    ['field is immutable', 'FieldValueInvalid'],
    ['Forbidden: updates to statefulset spec for fields other than replicas are forbidden', 'FieldValueForbidden'],
    ['may not change once set', 'FieldValueInvalid'],
    ['FieldValueForbidden', 'FieldValueForbidden'],
  ])('calls a field immutable of which the server says: %s', (message, type) => {
    const found = failureOf(apiError(422, 'Invalid', 'm', [cause(type, message)]), { ref });
    expect(found?.message).toBe("Deployment shop/web can't be changed: spec.x is immutable once it exists");
    expect(found?.remedy).toContain('kubectl delete -n shop deployment web');
  });

  it('does not speak of immutable fields of what does not exist', () => {
    const error = apiError(422, 'Invalid', 'm', [cause('FieldValueForbidden', 'FieldValueForbidden')]);
    expect(failureOf(error, { ref, exists: false })?.message).toBe('m');
  });

  it('lists managers with their fields', () => {
    const conflict = (manager: string, field: string) =>
      cause('FieldManagerConflict', `conflict with "${manager}" using apps/v1`, field);
    const error = apiError(409, 'Conflict', 'm', [
      conflict('hpa', '.a'),
      conflict('kubectl', '.b'),
      conflict('hpa', '.c'),
    ]);
    expect(failureOf(error, { ref })?.message).toContain('hpa owns .a, .c; kubectl owns .b');
  });

  it('says what to grant where a permission is missing, and not where a quota is used up', () => {
    const denied = apiError(403, 'Forbidden', 'x is forbidden: User "u" cannot patch resource "x" in API group ""');
    const quota = apiError(403, 'Forbidden', 'x is forbidden: exceeded quota: compute');
    expect(failureOf(denied, { ref })?.remedy).toContain('grant');
    expect(failureOf(quota, { ref })).not.toHaveProperty('remedy');
  });

  it('takes secrets out before it cuts a long text', () => {
    const secret = 's3cret-value';
    const long = `${'x'.repeat(295)}${secret}${'y'.repeat(900)}`;
    const found = failureOf(apiError(400, 'BadRequest', long), { ref, redact: (text) => text.replaceAll(secret, '*') });
    expect(found?.message).not.toContain('s3c');
    expect(found?.message.length).toBeLessThan(700);
  });
});
