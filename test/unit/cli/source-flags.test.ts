import { Command } from 'commander';
import { expect, it } from 'vitest';
import type { SourceFlags } from '../../../cli/flags/source-flags.ts';
import { sourceWords, withSource } from '../../../cli/flags/source-flags.ts';

/** What commander makes of a command line. */
function flagsOf(words: readonly string[]): SourceFlags {
  const command = withSource(new Command('sync').argument('<source>')).exitOverride();
  return command.parse(words, { from: 'user' }).opts();
}

it.each([
  ['./deploy'],
  ['./chart -f a.yaml -f b.yaml --set a=1 --set-string b=2 --set-file c=d'],
  ['redis --release-name cache --repo https://charts.example.com --chart-version 1.2.3'],
  ['git+https://h/repo//path --ref v1 --path path'],
  ['./overlay --source-type kustomize --allow-remote'],
  ['./folder --include jobs/a.yaml --exclude b.json'],
  ['./chart --kube-version 1.31 --api-versions a/v1'],
])('the words of %s are the same again', (line) => {
  const [source = '', ...flags] = line.split(' ');

  expect(sourceWords(source, flagsOf([source, ...flags]))).toBe(line);
});

it('a word that a shell would take apart is quoted', () => {
  expect(sourceWords('git+https://h/r?ref=v1', flagsOf(['x', '--set', "a=it's here"]))).toBe(
    `'git+https://h/r?ref=v1' --set 'a=it'\\''s here'`,
  );
});
