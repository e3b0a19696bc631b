import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SynclineError } from '../../../core/failures.ts';
import { parseNotificationConfiguration } from '../../../notifications/read-configuration.ts';
import { configured, notifierFor } from './builders.ts';

const SECRET = 'https://hooks.slack.com/services/T0/B0/geheim';

function mistakesOf(text: string): readonly string[] {
  try {
    parseNotificationConfiguration('notify.yaml', text);
    return [];
  } catch (error) {
    if (!(error instanceof SynclineError)) throw error;
    expect(JSON.stringify(error.failures)).not.toContain('geheim');
    return error.failures.map(({ message, location }) => `${location ?? ''} ${message}`);
  }
}

describe('a file of notifications', () => {
  it('says by channel what is heard where a target does not', () => {
    const { targets, network } = parseNotificationConfiguration(
      'notify.yaml',
      'version: 1\ntargets:\n- name: team\n  slack: { url: env:SLACK }\n- name: oncall\n  pagerduty: { routingKey: file:/run/key }\n',
    );
    expect(targets.map(({ on }) => on)).toEqual([
      ['failed', 'held', 'approval'],
      ['failed', 'held', 'succeeded'],
    ]);
    expect(network).toEqual({ allowPrivate: false, allow: [], allowHttp: false });
  });

  it.each([
    [
      'a secret itself',
      `- name: a\n  slack: { url: ${SECRET} }`,
      'notify.yaml:5 targets[0].slack.url: is no reference',
    ],
    [
      'an unknown field',
      '- name: a\n  slack: { url: env:A }\n  slak: {}',
      'notify.yaml:4 targets[0]: Unrecognized key: "slak"',
    ],
    ['no channel', '- name: a', 'notify.yaml:4 targets[0]: needs exactly one of slack, pagerduty and http'],
    [
      'two channels',
      '- name: a\n  slack: { url: env:A }\n  http: { url: env:B }',
      'notify.yaml:4 targets[0]: needs exactly one',
    ],
    [
      'a kind that there is not',
      '- name: a\n  slack: { url: env:A }\n  events: [exploded]',
      'targets[0].events[0]: Invalid option',
    ],
    [
      'credentials in an address',
      '- name: a\n  http: { url: "https://me:geheim@example.com" }',
      'notify.yaml:5 targets[0].http.url: is no address such as https://hooks.example.com, without credentials',
    ],
    [
      'a template with a misspelled name',
      '- name: a\n  slack: { url: env:A }\n  text: "{{ aplication }}"',
      'targets[0].text: is no template that can be rendered: undefined variable: aplication',
    ],
    [
      'a template that ends too soon',
      '- name: a\n  slack: { url: env:A }\n  title: "{% if x %}"',
      'targets[0].title: is no template',
    ],
    [
      'a template that reads a file',
      '- name: a\n  slack: { url: env:A }\n  text: "{% render \'/etc/passwd\' %}"',
      'targets[0].text: is no template',
    ],
    [
      'one name twice',
      '- name: a\n  slack: { url: env:A }\n- name: a\n  slack: { url: env:A }',
      'targets[1].name: is the name of another target',
    ],
  ])('is refused for %s, with the place and without the value', (_, targets, mistake) => {
    expect(mistakesOf(configured(targets))).toEqual([expect.stringContaining(mistake)]);
  });

  it('is refused for a network that is none, for nothing at all, and for what is no YAML', () => {
    expect(mistakesOf(configured('- name: a\n  slack: { url: env:A }', 'allow: [10.0.0.0/33]'))).toEqual([
      'notify.yaml:2 network.allow[0]: is no network such as 10.0.0.0/8 or fd00::/8',
    ]);
    expect(mistakesOf('')).toEqual([' notify.yaml holds 0 documents, where one is expected']);
    expect(mistakesOf('version: [')).toHaveLength(1);
  });
});

describe('the secrets of a file', () => {
  it('are read when they are needed, and named by their place where they are missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'syncline-notify-'));
    const key = join(folder, 'key');
    const notifier = notifierFor(
      configured(`- name: a\n  slack: { url: env:SLACK }\n- name: b\n  pagerduty: { routingKey: "file:${key}" }`),
      { SLACK: SECRET },
    );
    await expect(notifier.checkSecrets('a')).resolves.toBeUndefined();
    await expect(notifier.checkSecrets()).rejects.toThrow(`file:${key} can't be read: ENOENT`);
    await writeFile(key, 'geheim\n');
    await expect(notifier.checkSecrets()).resolves.toBeUndefined();
    await expect(notifier.checkSecrets('c')).rejects.toThrow('there is no target c — the file has: a, b');
    await notifier.close();
    await rm(folder, { recursive: true });
  });
});
