import { describe, expect, test } from 'vitest';
import { problemFor, ProblemError } from '../../../../api/problem.ts';
import { exitCodeOf } from '../../../../cli/errors.ts';
import { AlreadyRunning, Conflict, IdReused, NotFound, TemporalUnreachable } from '../../../../client/errors.ts';
import { isPassing, refusalError } from '../../../../client/http/problems.ts';
import { failure, SynclineError } from '../../../../core/failures.ts';

const url = 'https://syncline.example.com';

/** What a client makes of an error that a server has met. */
function overHttp(error: unknown): SynclineError {
  const problem = problemFor(error);
  const body = JSON.stringify({ ...problem, instance: 'urn:syncline:request:r1' });
  return refusalError({ status: problem.status, body, url });
}

describe('an error of the library', () => {
  const located = failure('InvalidManifest', 'it has no kind', { location: 'a.yaml:3', remedy: 'give it one' });
  test.each<readonly [string, SynclineError]>([
    ['that there is no such thing', new NotFound('there is no sync of shop', { remedy: 'see `syncline list`' })],
    ['that another sync runs', new AlreadyRunning('a sync of shop is running already', { remedy: 'wait' })],
    ['that a sync does not stand so', new Conflict('nothing waits')],
    ['that an ID was used', new IdReused('sync k1 was asked for with other manifests')],
    ['of a manifest', located],
    ['of many manifests', new SynclineError([located.failures[0], { type: 'InvalidManifest', message: 'b' }])],
    ['of a request', failure('InvalidRequest', 'names no application')],
    ['that Temporal is away', new TemporalUnreachable('no worker polls', 'start one')],
    ['that a cluster is away', failure('ClusterUnavailable', 'no answer')],
    ['that evidence is gone', failure('EvidenceCollected', 'it was collected')],
    ['that a bundle is gone', failure('BundleNotFound', 'it is no longer stored')],
    ['of a write that was not allowed', failure('Forbidden', 'may not patch')],
  ])('%s is the same over a server: class, words and exit code', (_, error) => {
    const told = overHttp(error);
    expect(told.failures).toEqual(error.failures);
    expect(exitCodeOf(told)).toBe(exitCodeOf(error));
    if (!(error instanceof TemporalUnreachable)) expect(told.constructor).toBe(error.constructor);
  });
});

describe('a problem of the request itself', () => {
  test.each<readonly [string, ProblemError, string, number, RegExp]>([
    ['no good token', new ProblemError('Unauthenticated', 'it is revoked'), 'Forbidden', 1, /SYNCLINE_TOKEN/],
    ['a role that may not', new ProblemError('NotAllowed', 'may not sync'), 'Forbidden', 1, /^may not sync — ask/],
    ['too much', new ProblemError('PayloadTooLarge', 'larger than 32 MiB'), 'InvalidRequest', 2, /32 MiB/],
    ['a name', new ProblemError('MalformedRequest', 'no name', { remedy: 'use a-z' }), 'InvalidRequest', 2, /use a-z/],
    ['no such address', new ProblemError('NotFound', 'nothing here'), 'InvalidRequest', 2, /use the same version/],
    ['too many', new ProblemError('TooManyRequests', 'too many'), 'ServerUnavailable', 4, /try again later/],
    ['a fault', new ProblemError('Internal', 'unexpected'), 'ServerUnavailable', 4, /request’s ID r1/],
    ['its end', new ProblemError('ShuttingDown', 'shutting down'), 'ServerUnavailable', 4, /503/],
  ])('%s', (_, error, type, code, words) => {
    const told = overHttp(error);
    expect([told.type, exitCodeOf(told)]).toEqual([type, code]);
    expect(told.message).toMatch(words);
  });

  test('names each field that is wrong', () => {
    const fields = [
      { path: 'body.a', message: 'is no text' },
      { path: 'body.b', message: 'is unknown' },
    ];
    expect(overHttp(new ProblemError('InvalidFields', 'x', { fields })).failures).toEqual([
      { type: 'InvalidRequest', message: 'body.a: is no text' },
      { type: 'InvalidRequest', message: 'body.b: is unknown' },
    ]);
  });
});

test.each([
  ['<html>502 Bad Gateway</html>', 502, 4],
  ['', 404, 2],
  ['{"status":500}', 500, 4],
  ['{}', 403, 1],
])('an answer of somebody else (%j) is no Syncline server’s', (body, status, code) => {
  const told = refusalError({ status, body, url });
  expect(exitCodeOf(told)).toBe(code);
  expect(told.message).toContain('not as a Syncline server does');
});

test.each<readonly [string, unknown, boolean]>([
  ['too many requests', new ProblemError('TooManyRequests', 'x'), true],
  ['the end of a server', new ProblemError('ShuttingDown', 'x'), true],
  ['no worker', new TemporalUnreachable('x', 'y'), false],
  ['no right', new ProblemError('NotAllowed', 'x'), false],
])('%s may pass by itself: %s', (_, error, passes) => {
  const problem = problemFor(error);
  const body = JSON.stringify({ ...problem, instance: 'urn:syncline:request:r1' });
  expect(isPassing({ status: problem.status, body, url })).toBe(passes);
});
