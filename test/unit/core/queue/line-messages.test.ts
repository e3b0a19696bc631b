import { describe, expect, it } from 'vitest';
import { joiningFrom, withdrawalFrom } from '../../../../core/queue/line-messages.ts';
import type { SyncRequest } from '../../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../../core/sync/request.ts';
import { UNREADABLE } from '../../../../core/sync/message-fields.ts';

const SHOP = { cluster: 'prod', application: 'shop' };
const request: SyncRequest = {
  version: 1,
  syncId: 's1',
  ...SHOP,
  namespace: 'shop',
  createNamespace: false,
  bundle: '',
  revision: 'abc1234',
  requestedBy: 'ann',
  requestedAt: 0,
  indexed: true,
  options: DEFAULT_SYNC_OPTIONS,
};

/** The request without a field. */
function without(field: string): object {
  return Object.fromEntries(Object.entries(request).filter(([name]) => name !== field));
}

describe('a request that joins a line', () => {
  it('is read as it was sent', () => {
    const joining = { request, ifRunning: 'supersede', withinMs: 5, series: 'nightly', named: true };
    expect(joiningFrom(joining, SHOP)).toEqual(joining);
    expect(joiningFrom({ request }, SHOP)).toEqual({ request, ifRunning: 'queue' });
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /no request to join/],
    ['null', null, /no request to join/],
    ['a text', 'shop', /no request to join/],
    ['bytes that nobody can read', UNREADABLE, /no request to join/],
    ['no request', {}, /no request of a sync/],
    ['a list', { request: [] }, /no request of a sync/],
    ['a sync ID alone, which would block the line', { request: { syncId: 's1' } }, /`application` is no text/],
    ['an ID that is a number', { request: { ...request, syncId: 1 } }, /`syncId` is no text/],
    ['an empty name', { request: { ...request, application: '' } }, /`application` is no text, or an empty one/],
    ['another version', { request: { ...request, version: 2 } }, /`version` is not 1/],
    ['no time', { request: { ...request, requestedAt: 'now' } }, /`requestedAt` is no point/],
    ['no options', { request: without('options') }, /has no `options`/],
    ['a flag that is none', { request: { ...request, indexed: 'yes' } }, /`indexed` is neither/],
    ['an option that is none', { request: { ...request, options: { ...DEFAULT_SYNC_OPTIONS, prune: 1 } } }, /`prune`/],
    ['no length', { request: { ...request, options: { ...DEFAULT_SYNC_OPTIONS, holdForMs: '1h' } } }, /`holdForMs`/],
    [
      'another application',
      { request: { ...request, application: 'blog' } },
      /for blog in prod, whose line this is not/,
    ],
    ['another cluster', { request: { ...request, cluster: 'test' } }, /for shop in test, whose line this is not/],
    ['a turn that there is not', { request, ifRunning: 'reject' }, /neither `queue` nor `supersede`/],
  ])('is left out, with why, where it holds %s', (_, sent, why) => {
    expect(joiningFrom(sent, SHOP)).toMatch(why);
  });
});

describe('a withdrawal', () => {
  it('says which request, and may say who and why', () => {
    expect(withdrawalFrom({ syncId: 's1' })).toEqual({ syncId: 's1', by: 'a signal' });
    const whole = { syncId: 's1', by: 'ann', reason: 'too late' };
    expect(withdrawalFrom(whole)).toEqual(whole);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /needs `syncId`/],
    ['a text', 's1', /takes an object such as/],
    ['another kind of ID', { syncId: 1 }, /`syncId` of withdraw must be a text/],
    ['a person who is an object', { syncId: 's1', by: {} }, /`by` of withdraw must be a text/],
  ])('is left out, with why, where it holds %s', (_, sent, why) => {
    expect(withdrawalFrom(sent)).toMatch(why);
  });
});
