import { getEventListeners } from 'node:events';
import type { Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { Temporal } from '../../../client/connection/temporal.ts';
import { call } from '../../../client/connection/temporal.ts';

/** A Temporal whose connection listens to each request's signal for ever, as the client's does. */
function listening(): { readonly temporal: Temporal; readonly aborted: string[] } {
  const aborted: string[] = [];
  const withAbortSignal = async <T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> => {
    signal.addEventListener('abort', () => aborted.push(String(signal.reason)));
    return request();
  };
  const connection = { withAbortSignal } as unknown as Connection;
  return { temporal: { connection, address: 'here', namespace: 'default' } as unknown as Temporal, aborted };
}

test('a request leaves nothing on the signal of whoever watches a sync, however long that is', async () => {
  const { temporal, aborted } = listening();
  const watching = new AbortController();
  for (let request = 0; request < 3; request += 1) await call(temporal, watching, () => Promise.resolve(request));
  await expect(call(temporal, watching, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(getEventListeners(watching.signal, 'abort')).toEqual([]);
  watching.abort(new Error('enough'));
  expect(aborted).toEqual([]);
});

test('a request that is under way ends with its signal', async () => {
  const { temporal, aborted } = listening();
  const watching = new AbortController();
  const answer = Promise.withResolvers<string>();
  const asked = call(temporal, watching, () => answer.promise);
  watching.abort(new Error('enough'));
  expect(aborted).toEqual(['Error: enough']);
  answer.resolve('late');
  expect(await asked).toBe('late');
});
