import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

/** The TypeScript that a text shows, also in the comments of code. */
function shown(text: string): readonly string[] {
  const bare = text.replaceAll(/^ \* ?/gm, '');
  return [...bare.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

// The examples are compiled with everything else: what is shown of them is code that compiles.
const examples = globSync('examples/library/*.ts', { cwd: ROOT }).map(read);
const places = globSync(['README.md', 'docs/*.md', 'client/**/*.ts'], { cwd: ROOT });
const blocks = places.flatMap((file) => shown(read(file)).map((block) => [file, block] as const));

test.each(blocks)('the TypeScript in %s stands in an example that is compiled', (_, block) => {
  const without = (text: string): string => text.replaceAll(/^ +/gm, '');
  expect(examples.some((example) => without(example).includes(without(block)))).toBe(true);
});

test('every example of the library is shown whole', () => {
  const whole = shown(read('docs/library.md'));
  expect([...whole].sort()).toEqual([...examples].sort());
});
