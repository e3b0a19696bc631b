import { describe, expect, it } from 'vitest';
import type { SynclineError } from '../../../core/failures.ts';
import { readLocation } from '../../../sources/location.ts';
import type { SourceOptions } from '../../../sources/source-options.ts';

function refusal(text: string, options: SourceOptions = {}): SynclineError['failures'][0] {
  try {
    readLocation(text, options);
  } catch (error) {
    return (error as SynclineError).failures[0];
  }
  throw new Error(`${text} was not refused`);
}

describe('a location', () => {
  const SHA = 'a'.repeat(40);
  it.each([
    ['-', { kind: 'stdin' }],
    ['deploy', { kind: 'path', path: 'deploy' }],
    ['./a@b:c', { kind: 'path', path: './a@b:c' }],
    ['chart-1.0.0.tgz', { kind: 'path', path: 'chart-1.0.0.tgz' }],
    ['oci://ghcr.io/org/chart', { kind: 'remote-chart', reference: 'oci://ghcr.io/org/chart' }],
    ['https://h/chart-1.0.0.tgz', { kind: 'remote-chart', reference: 'https://h/chart-1.0.0.tgz' }],
    ['https://h/org/repo.git', { kind: 'git', url: 'https://h/org/repo.git', path: '' }],
    ['git+https://h/org/repo', { kind: 'git', url: 'https://h/org/repo', path: '' }],
    ['git+https://h/repo//a/b/?ref=v1', { kind: 'git', url: 'https://h/repo', path: 'a/b', ref: 'v1' }],
    ['https://h/repo.git//a?ref=feature/x', { kind: 'git', url: 'https://h/repo.git', path: 'a', ref: 'feature/x' }],
    ['ssh://git@h:22/repo//a', { kind: 'git', url: 'ssh://git@h:22/repo', path: 'a' }],
    ['git@h:org/repo.git//a?ref=v1', { kind: 'git', url: 'git@h:org/repo.git', path: 'a', ref: 'v1' }],
    ['git+git@h:org/repo', { kind: 'git', url: 'git@h:org/repo', path: '' }],
    ['file:///srv/repo.git//./a/../b', { kind: 'git', url: 'file:///srv/repo.git', path: 'b' }],
    [`git+http://h/repo?ref=${SHA}`, { kind: 'git', url: 'http://h/repo', path: '', ref: SHA }],
  ])('%s', (text, location) => {
    expect(readLocation(text, {})).toEqual(location);
  });

  it('may be a chart’s name where a repository is named', () => {
    const options = { helm: { repository: 'https://charts.example.com' } };

    expect(readLocation('redis', options)).toEqual({ kind: 'remote-chart', reference: 'redis' });
    expect(refusal('--post-renderer=x', options).message).toContain('no name of a chart');
  });

  it('may have its ref and path in options, but not two different ones', () => {
    const options = { git: { ref: 'v1', path: 'a' } };

    expect(readLocation('git+https://h/r', options)).toMatchObject({ ref: 'v1', path: 'a' });
    expect(readLocation('git+https://h/r//a?ref=v1', options)).toMatchObject({ ref: 'v1', path: 'a' });
    expect(refusal('git+https://h/r?ref=v2', options).message).toContain('v2');
    expect(refusal('git+https://h/r//b', options).message).toContain('--path says a');
  });
});

describe('a location that can’t be read', () => {
  it.each([
    ['https://h/org/repo', 'git+https://h/org/repo'],
    ['s3://bucket/x', 'no source'],
    ['git+https://h/r//../x', 'leads out of the repository'],
    ['git+https://h/r///etc', 'leads out of the repository'],
    ['git+https://h/r?ref=--upload-pack=x', 'no branch, tag or commit'],
    ['git+https://h/r?ref=a..b:c', 'no branch, tag or commit'],
    ['git+https://h/r?depth=1', 'knows no option'],
  ])('%s', (text, words) => {
    const refused = refusal(text);

    expect(refused.type).toBe('InvalidRequest');
    expect(`${refused.message} ${refused.remedy ?? ''}`).toContain(words);
  });

  it.each([
    'https://user:secret@h/repo.git',
    'git+https://secret@h/repo',
    'ssh://git:secret@h/repo',
    'oci://user:secret@h/chart',
    'https://user:secret@h/chart.tgz',
    'https://user:secret@h/x',
  ])('carries credentials, which are not repeated: %s', (text) => {
    expect(JSON.stringify(refusal(text))).not.toContain('secret');
  });
});
