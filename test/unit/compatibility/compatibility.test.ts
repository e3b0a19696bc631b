import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compatibilityPage, PAGE } from '../../compatibility/page.ts';
import type { Section } from '../../compatibility/row.ts';
import { differs, notApplicable, notYet, same, tagOf } from '../../compatibility/row.ts';
import { SECTIONS } from '../../compatibility/sections.ts';
import type { Tag } from '../../compatibility/tags.ts';
import { readTags, tagsIn } from '../../compatibility/tags.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROWS = SECTIONS.flatMap((section) => section.rows.map((row) => tagOf(section, row)));

describe('the table of compatibility', () => {
  it('has each row once', () => {
    expect(ROWS).toEqual([...new Set(ROWS)]);
  });

  it('says of each row that differs, does not apply or is not done how or why, in words that fit into a table', () => {
    const clauses = SECTIONS.flatMap(({ rows }) => rows.map(({ argo, stance }) => ({ argo, ...stance })));
    const words = clauses.flatMap((clause) => [
      clause.argo,
      ...('how' in clause ? [clause.how] : []),
      ...('why' in clause ? [clause.why] : []),
    ]);
    expect(words.filter((text) => text.trim() === '' || /[|\n]/.test(text))).toEqual([]);
  });

  it('has a row for every tag of a test', async () => {
    const unknown = (await readTags(ROOT)).filter(({ name }) => !ROWS.includes(name));
    expect(unknown.map(explained)).toEqual([]);
  });

  it('has a test for each row that it claims, and for no other', async () => {
    const proven = new Set((await readTags(ROOT)).map(({ name }) => name));
    const faults = SECTIONS.flatMap((section) =>
      section.rows.flatMap((row) => {
        const tag = tagOf(section, row);
        const claimed = row.stance.state === 'same' || row.stance.state === 'differs';
        if (claimed === proven.has(tag)) return [];
        return [
          claimed ? `no test says [argo ${tag}]` : `a test proves ${tag}, which is said to be ${row.stance.state}`,
        ];
      }),
    );
    expect(faults).toEqual([]);
  });
});

/** A tag without a row, and the rows it may have meant. */
function explained({ name, file, line }: Tag): string {
  const section = SECTIONS.findLast(({ id }) => name.startsWith(id));
  const known = (section === undefined ? SECTIONS : [section]).flatMap((of) => of.rows.map((row) => tagOf(of, row)));
  return `${file}:${String(line)}: no row ${name} in test/compatibility; there are ${known.join(', ')}`;
}

describe('tags', () => {
  it('are found in names, templates and tables, several in a line too, each with its place', () => {
    const text = "it('a [argo 3.Replace] [argo 5.17]', f);\n\nit.each([['b [argo 4.Argo Workflow]']])('%s', f);";
    expect(tagsIn(text, 'a.test.ts')).toEqual([
      { name: '3.Replace', file: 'a.test.ts', line: 1 },
      { name: '5.17', file: 'a.test.ts', line: 1 },
      { name: '4.Argo Workflow', file: 'a.test.ts', line: 3 },
    ]);
  });
});

describe('the page', () => {
  it('is the one that the rows and the tests make', async () => {
    const made = compatibilityPage(SECTIONS, await readTags(ROOT));
    const committed = await readFile(join(ROOT, PAGE), 'utf8');
    expect(committed, 'npm run docs:compatibility renews it').toBe(made);
  });

  const section: Section = {
    id: '9',
    title: 'Examples',
    rows: [
      same('a', 'Does a'),
      differs('b', 'Does b', 'does c'),
      notApplicable('d', 'Does d', 'no d here'),
      notYet('e', 'Does e', 'nothing yet'),
    ],
  };
  const tags = tagsIn('[argo 9.a] [argo 9.a] [argo 9.b]', 'test/unit/one.test.ts').concat(
    tagsIn('[argo 9.a]', 'test/e2e/two.test.ts'),
  );

  it('tells of each row its state, how it differs or why it is not there, and links each file of tests once', () => {
    const page = compatibilityPage([section], tags);
    expect(page.slice(page.indexOf('4 rows')).split('\n')).toEqual([
      '4 rows: 1 same, 1 differs, 1 not applicable, 1 not yet.',
      '',
      '## 9 Examples',
      '',
      '| row | Argo CD | state | Syncline | tests |',
      '| --- | --- | --- | --- | --- |',
      '| `a` | Does a | same |  | [unit/one](../test/unit/one.test.ts), [e2e/two](../test/e2e/two.test.ts) |',
      '| `b` | Does b | differs | does c | [unit/one](../test/unit/one.test.ts) |',
      '| `d` | Does d | not applicable | no d here |  |',
      '| `e` | Does e | not yet | nothing yet |  |',
      '',
    ]);
  });
});
