import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { execPluginOf } from '../../../kubernetes/exec-plugin.ts';

/** A plugin that is a line of shell; `mostMs` is how long it may take. */
function plugin(script: string, mostMs?: number, more: object = {}) {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: 'https://c.example' }],
    users: [{ name: 'dev', exec: { command: 'sh', args: ['-c', script], ...more } }],
    contexts: [{ name: 'dev', cluster: 'c', user: 'dev' }],
    currentContext: 'dev',
  });
  const ask = execPluginOf(config, mostMs);
  if (ask === undefined) throw new Error('the user has a plugin');
  return ask;
}

const answering = (status: object): string => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`;

describe('an exec plugin', () => {
  it('answers a token, or a certificate with its key, in the environment it is given', async () => {
    expect(await plugin(answering({ token: 't' }))()).toEqual({ token: 't' });
    const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY', expirationTimestamp: '2030-01-01T00:00:00Z' };
    expect(await plugin(answering(status))()).toEqual({ cert: 'CERT', key: 'KEY', expiresAt: Date.UTC(2030, 0, 1) });
    const env = [{ name: 'WHO', value: 'ann' }];
    expect(await plugin('echo "{\\"status\\":{\\"token\\":\\"$WHO\\"}}"', undefined, { env })()).toEqual({
      token: 'ann',
    });
  });

  it('is asked again only once what it has answered has expired', async () => {
    const kept = plugin(answering({ token: 't', expirationTimestamp: '2999-01-01T00:00:00Z' }));
    expect(await kept()).toBe(await kept());
    const over = plugin(answering({ token: 't', expirationTimestamp: '1999-01-01T00:00:00Z' }));
    expect(await over()).not.toBe(await over());
  });

  it.concurrent.each<[string, string, RegExp]>([
    [
      'waits for ever',
      'echo visit https://login.example >&2; sleep 20',
      /^the exec plugin sh has not answered within 3 s: run it by hand .*; it said: visit https:\/\/login\.example$/,
    ],
    ['has left what holds its output open', 'sleep 20 & exit 0', /has not answered within 3 s/],
  ])('that %s is given up, with what it said', async (_, script, why) => {
    await expect(plugin(script, 3_000)()).rejects.toThrow(why);
  });

  it.each<[string, string, RegExp]>([
    [
      'asks a question, which nobody answers',
      'read answer || { echo no terminal >&2; exit 3; }',
      /ended with code 3: no terminal/,
    ],
    ['fails', 'echo login first >&2; exit 1', /^the exec plugin sh has ended with code 1: login first$/],
    ['is killed', 'kill -9 $$', /was ended by SIGKILL/],
    ['answers nothing', 'true', /has answered no ExecCredential with a token or a certificate/],
    ['answers no JSON', 'echo token', /has answered no ExecCredential/],
    ['answers without end', 'yes', /answers without end/],
  ])('that %s is an error that names it', async (_, script, why) => {
    await expect(plugin(script)()).rejects.toThrow(why);
  });

  it('that is not there is named, with how to install it', async () => {
    const missing = { command: 'no-such-plugin', installHint: 'install it from https://plugins.example' };
    await expect(plugin('', undefined, missing)()).rejects.toThrow(
      'the exec plugin no-such-plugin is not there: install it from https://plugins.example',
    );
  });
});
