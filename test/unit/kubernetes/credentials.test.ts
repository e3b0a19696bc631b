import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../../kubernetes/credentials.ts';
import { refreshedCredentials } from '../../../kubernetes/credentials.ts';
import { ConnectionError } from '../../../kubernetes/errors.ts';

/** Credentials whose token is the number of the reading, on a clock that is set by hand. */
function numbered() {
  const state = { now: 0, reads: [] as string[], broken: false };
  const source = refreshedCredentials(
    'prod',
    async (from): Promise<Credentials> => {
      state.reads.push(from);
      if (state.broken) throw new Error('login first');
      return { headers: { authorization: String(state.reads.length) }, tls: {} };
    },
    () => state.now,
  );
  return { state, source };
}

describe('credentials', () => {
  it('are read once for all who ask at the same time, and again after half a minute', async () => {
    const { state, source } = numbered();
    await Promise.all([source.current(), source.current()]);
    state.now = 29_000;
    await source.current();
    expect(state.reads).toEqual(['cache']);
    state.now = 30_000;
    expect((await source.current()).headers).toEqual({ authorization: '2' });
  });

  it('stay in use when a refresh fails, until the server refuses them', async () => {
    const { state, source } = numbered();
    const first = await source.current();
    state.now = 40_000;
    state.broken = true;
    expect(await source.current()).toBe(first);
    await expect(source.renewed(first)).rejects.toThrow('Cannot get credentials for cluster prod: login first');
    await expect(source.renewed(first)).resolves.toBe(first);
  });

  it('that are missing from the start are an error', async () => {
    const { state, source } = numbered();
    state.broken = true;
    await expect(source.current()).rejects.toBeInstanceOf(ConnectionError);
  });

  it('are renewed from scratch after a refusal, at most every five seconds', async () => {
    const { state, source } = numbered();
    const first = await source.current();
    const second = await source.renewed(first);
    expect(await source.renewed(first)).toBe(second);
    expect(await source.renewed(second)).toBe(second);
    state.now = 5_000;
    expect(await source.renewed(second)).not.toBe(second);
    expect(state.reads).toEqual(['cache', 'scratch', 'scratch']);
  });
});
