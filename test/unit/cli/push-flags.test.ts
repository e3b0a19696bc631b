import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { PushFlags } from '../../../cli/flags/push-flags.ts';
import { onPushOf, withPush } from '../../../cli/flags/push-flags.ts';
import type { OnPush } from '../../../core/triggers/on-push.ts';

function flagsOf(...words: readonly string[]): PushFlags {
  return withPush(new Command()).parse(words, { from: 'user' }).opts();
}

test.each<[readonly string[], OnPush | null | undefined]>([
  [[], undefined],
  [['--on-push'], { branch: true }],
  [['--on-push', 'release'], { branch: 'release' }],
  [['--on-tag', 'v*'], { tags: 'v*' }],
  [
    ['--on-push', '--on-tag', 'v*', '--on-push-path', 'a/*', '--on-push-path', 'b/*', '--on-push-if-running', 'queue'],
    { branch: true, tags: 'v*', paths: ['a/*', 'b/*'], ifRunning: 'queue' },
  ],
  [['--no-on-push'], null],
])('the flags %j say which pushes start an application', (words, expected) =>
  expect(onPushOf(flagsOf(...words))).toEqual(expected),
);

test.each([
  [['--on-push-path', 'a/*'], 'neither --on-push nor --on-tag'],
  [['--no-on-push', '--on-tag', 'v*'], '--no-on-push is given, and'],
])('the flags %j contradict themselves, or say too little', (words, message) =>
  expect(() => onPushOf(flagsOf(...words))).toThrow(message),
);
