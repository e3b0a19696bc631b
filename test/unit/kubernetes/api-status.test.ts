import { describe, expect, it } from 'vitest';
import { apiErrorOf, retryAfterSecondsOf } from '../../../kubernetes/api-status.ts';

const SECRET = { action: 'apply', object: 'Secret shop/db', secret: true };
const OTHER = { action: 'apply', object: 'Widget shop/w', secret: false };

const status = (code: number, reason: string, message: string, causes: readonly object[] = []): string =>
  JSON.stringify({ kind: 'Status', code, reason, message, details: { causes } });

describe('an error about a Secret', () => {
  it.each([
    [422, 'Invalid', 'Secret "db" is invalid: data[p]: Invalid value: "hunter2": too long', 'Invalid'],
    [400, 'BadRequest', 'json: cannot unmarshal string "hunter2" into Go value', 'BadRequest'],
    [500, 'InternalError', 'cannot encrypt hunter2', 'InternalError'],
    [403, 'Forbidden', 'secrets "db" is forbidden: policy denied request: hunter2 is weak', 'denied request'],
    [403, 'Forbidden', 'admission webhook "w" denied the request: hunter2\nis weak', 'webhook "w" denied the request'],
  ])('%i %s keeps its content to itself', (code, reason, message, kept) => {
    const error = apiErrorOf(
      code,
      status(code, reason, message, [{ field: 'data[p]', reason: 'X', message: 'hunter2' }]),
      undefined,
      SECRET,
    );
    expect(JSON.stringify([error.message, error.causes])).not.toContain('hunter2');
    expect(error.message).toContain(kept);
  });

  it.each([
    [400, 'strict decoding error: unknown field "stringDataa"', 'unknown field "stringDataa"'],
    [
      500,
      'failed to create typed patch object (shop/db; /v1, Kind=Secret): .dataa: field not declared in schema',
      '.dataa: field not declared',
    ],
    [
      400,
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
      'illegal base64 data at input byte 3',
    ],
    [403, 'secrets "db" is forbidden: User "ann" cannot patch resource "secrets"', 'User "ann" cannot patch'],
    [409, 'Apply failed with 1 conflict: conflict with "kubectl": .data.p', 'conflict with "kubectl": .data.p'],
  ])('%i says what names no content: %s', (code, message, kept) => {
    expect(apiErrorOf(code, status(code, '', message), undefined, SECRET).message).toContain(kept);
  });

  it('keeps the managers of a conflict', () => {
    const cause = { field: '.data.p', reason: 'FieldManagerConflict', message: 'conflict with "kubectl"' };
    expect(apiErrorOf(409, status(409, 'Conflict', 'x', [cause]), undefined, SECRET).causes).toEqual([
      { field: '.data.p', type: 'FieldManagerConflict', message: 'conflict with "kubectl"' },
    ]);
  });
});

describe('an error', () => {
  it('quotes a body that is no Status in short', () => {
    const error = apiErrorOf(502, `<html>${'x'.repeat(1000)}`, undefined, OTHER);
    expect(error).toMatchObject({ code: 502, reason: '', causes: [] });
    expect(error.message.length).toBeLessThan(400);
  });

  it('says so when there is no reason', () => {
    expect(apiErrorOf(503, '', undefined, OTHER).message).toBe(
      'Cannot apply Widget shop/w: no reason given (HTTP 503)',
    );
  });

  it('takes a failed server-side apply of an ill-formed object for what it is, and no other 500', () => {
    const words = 'failed to create typed patch object (shop/w): .spec.x: field not declared in schema';
    expect(apiErrorOf(500, status(500, '', words), undefined, OTHER)).toMatchObject({
      code: 400,
      reason: 'BadRequest',
    });
    expect(apiErrorOf(500, status(500, '', 'etcdserver: request timed out'), undefined, OTHER)).toMatchObject({
      code: 500,
      reason: '',
    });
  });

  it('knows when to come again, from the header or from the Status', () => {
    const body = JSON.stringify({ kind: 'Status', details: { retryAfterSeconds: 7 } });
    expect(apiErrorOf(429, body, '3', OTHER).retryAfterSeconds).toBe(3);
    expect(apiErrorOf(429, body, undefined, OTHER).retryAfterSeconds).toBe(7);
  });
});

describe('a Retry-After header', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['5', 5],
    ['-5', 0],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 9],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s seconds', (header, seconds) => {
    expect(retryAfterSecondsOf(header, now)).toBe(seconds);
  });
});
