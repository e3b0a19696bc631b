import { describe, expect, test } from 'vitest';
import { sourceBody } from '../../../client/http/orders.ts';
import { source as sourceSchema } from '../../../client/http/schemas/orders.ts';
import { checkForServer } from '../../../client/server-source.ts';
import type { ApplicationSource } from '../../../core/application/application.ts';

describe('a source that a server is to render', () => {
  test.each<ApplicationSource>([
    { location: 'git+https://git.example.com/team/shop.git//deploy', git: { ref: 'v1' } },
    { location: 'oci://registry.example.com/charts/shop', helm: { version: '1.2.3', set: ['a=b'] } },
    { location: 'redis', helm: { repository: 'https://charts.example.com' } },
    {
      location: 'ssh://git@git.example.com/a.git',
      type: 'directory',
      directory: { include: ['*.yaml'] },
      timeoutMs: 5,
    },
  ])('may be $location, and goes as the server reads it', (source) => {
    expect(() => checkForServer(source)).not.toThrow();
    expect(() => sourceSchema.parse(sourceBody(source))).not.toThrow();
  });

  test.each<readonly [ApplicationSource, string]>([
    [{ location: './deploy' }, './deploy is on this machine'],
    [{ location: '/srv/shop.tgz' }, '/srv/shop.tgz is on this machine'],
    [{ location: '-' }, 'standard input is on this machine'],
    [{ location: 'git+file:///srv/repo.git' }, 'is on this machine'],
    [{ location: 'git+https://git.example.com/a.git', kustomize: { allowRemote: true } }, 'loads what is elsewhere'],
  ])('is not %j', (source, words) => {
    expect(() => checkForServer(source)).toThrow(words);
  });
});
