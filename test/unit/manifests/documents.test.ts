import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../../core/manifests/documents.ts';

const valueOf = (text: string): unknown => {
  const { documents, failures } = readDocuments('f.yaml', text);
  expect(failures).toEqual([]);
  return documents[0]?.value;
};

describe('readDocuments', () => {
  it.each<[string, string, unknown]>([
    [
      'keys that are booleans or integers become strings',
      'y: 1\noff: 2\n8080: 3\n0777: 4',
      { true: 1, false: 2, 8080: 3, 511: 4 },
    ],
    ['a quoted scalar stays a string', 'a: "yes"\nb: \'1\'', { a: 'yes', b: '1' }],
    ['a block scalar stays a string', 'a: |\n  1\n', { a: '1\n' }],
    [
      'an explicit tag decides',
      'a: !!str 1\nb: !!int "3"\nc: !!float 1\nd: !!timestamp 2001-01-01',
      { a: '1', b: 3, c: 1, d: '2001-01-01' },
    ],
    ['an alias repeats its anchor', 'a: &x {k: 1}\nb: *x', { a: { k: 1 }, b: { k: 1 } }],
    [
      'a merge key fills in what is not overridden',
      'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3',
      { a: { k: 1, l: 2 }, b: { k: 3, l: 2 } },
    ],
    ['of a list of merges the first wins', 'a:\n  <<: [{k: 1}, {k: 2, l: 3}]', { a: { k: 1, l: 3 } }],
    ['a merge overrides what stands before it, as in go-yaml v2', 'k: 1\n<<: {k: 2}', { k: 2 }],
    [
      'JSON is read too, tabs and escapes included',
      '{\n\t"a": [1, true, null],\n\t"b": "\\/x\\u00e9"\n}',
      { a: [1, true, null], b: '/xé' },
    ],
    ['Windows line ends and a byte order mark are no content', '\uFEFFa: 1\r\nb: |\r\n  x\r\n', { a: 1, b: 'x\n' }],
    ['a value that is left out is null', 'a:\nb: [~, ]', { a: null, b: [null] }],
  ])('%s', (_, text, expected) => {
    expect(valueOf(text)).toEqual(expected);
  });

  it('keeps a key named __proto__ a key', () => {
    const value = valueOf('__proto__: {a: 1}\nb: 2') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'b']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('skips empty documents and keeps the line of each first key', () => {
    const text = '---\n# only a comment\n---\nnull\n---\n\n# first\na: 1\n---\nb: 2\n...\n---\n';
    const { documents, failures } = readDocuments('f.yaml', text);
    expect(failures).toEqual([]);
    expect(documents.map(({ value, line }) => [value, line])).toEqual([
      [{ a: 1 }, 8],
      [{ b: 2 }, 10],
    ]);
  });

  it.each<[string, string, number, RegExp]>([
    ['a key written twice', 'a: 1\nb: 2\na: 3', 3, /the key "a" is written twice/],
    ['a key twice in two spellings', 'a:\n  yes: 1\n  "true": 2', 3, /"true" is written twice/],
    ['an unknown alias', 'a: 1\nb: *nobody', 2, /nobody/],
    ['an alias that contains itself', 'a: &x\n  k: *x', 2, /contains itself/],
    ['a merge of something else', 'a: &x [1]\nb:\n  <<: *x', 3, /<</],
    ['an integer that is too large', 'a:\n  b: 12345678901234567890', 2, /too large/],
    ['an infinity', 'a: .inf', 1, /infinit/],
    ['an unknown tag on a scalar', 'a: 1\nb: !Ref x', 2, /!Ref/],
    ['a tag that does not fit', 'a: !!int x', 1, /!!int/],
    ['an unknown tag on a mapping', 'a: !Sub {b: 1}', 1, /!Sub/],
    ['a mapping as key', 'a: 1\n? {b: 1}\n: 2', 2, /key/],
    ['a float as key', 'a:\n  1.10: x', 2, /"1.10"/],
    ['a null as key', '~: x', 1, /null/],
    ['bad indentation', 'a: 1\n  b: 2', 1, /can't be read/],
    ['a tab as indentation', 'a:\n\t- b', 2, /[Tt]ab/],
    ['an unfinished string', 'a: 1\nb: "x', 2, /quote/],
  ])('%s is a failure with its line', (_, text, line, message) => {
    const { documents, failures } = readDocuments('dir/f.yaml', text);
    expect(documents).toEqual([]);
    expect(failures[0]).toMatchObject({ type: 'InvalidManifest', location: `dir/f.yaml:${line}` });
    expect(failures[0]?.message).toMatch(message);
  });

  it('goes on with the next document after one that can not be read', () => {
    const { documents, failures } = readDocuments('f.yaml', 'a: 1\n  b: 2\n---\nb: 1\n---\nc: 1\nc: 2\n---\nd: 1\n');
    expect(documents.map(({ value }) => value)).toEqual([{ b: 1 }, { d: 1 }]);
    expect(failures.map(({ location }) => location)).toEqual(['f.yaml:1', 'f.yaml:7']);
  });

  it('stops an alias bomb', () => {
    const levels = 'bcdefghij'.split('').map((name, index) => {
      const inner = Array.from({ length: 9 }, () => `*${'abcdefghi'.charAt(index)}`).join(', ');
      return `${name}: &${name} [${inner}]`;
    });
    const { documents, failures } = readDocuments(
      'bomb.yaml',
      `a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n${levels.join('\n')}`,
    );
    expect(documents).toEqual([]);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/aliases/);
  });

  it('lets ordinary reuse of an anchor pass', () => {
    const uses = Array.from({ length: 500 }, (_, index) => `k${index}: *x`).join('\n');
    expect(readDocuments('f.yaml', `x: &x {a: [1, 2, 3], b: {c: d}}\n${uses}`).failures).toEqual([]);
  });

  it.each([300, 20_000])('refuses %i levels of nesting', (levels) => {
    const { failures } = readDocuments('deep.yaml', `a: ${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(failures[0]?.message).toMatch(/nested/);
  });

  it('says of a template that it is one', () => {
    const { failures } = readDocuments('f.yaml', 'a: {{ .Values.x }}');
    expect(failures[0]?.remedy).toMatch(/template/);
  });

  it.each([
    'a: "hunter2',
    'stringData:\n  a: hunter2\n b: hunter2',
    'a: "\\qhunter2"',
    'a: |hunter2\n  x',
    'a: !!int hunter2',
    'a: ]hunter2',
    '- hunter2: x: hunter2',
  ])('never quotes a value: %j', (text) => {
    const { failures } = readDocuments('secret.yaml', text);
    expect(failures).not.toEqual([]);
    expect(JSON.stringify(failures)).not.toContain('hunter2');
  });
});
