import type { Row, Section } from './row.ts';
import { tagOf } from './row.ts';
import type { Tag } from './tags.ts';

/** Where the page is, from the project's root. */
export const PAGE = 'docs/compatibility.md';

const HEAD = `# Syncline beside Argo CD, row by row

What Argo CD does in a sync, and what Syncline does about it. A row's state is _same_, _differs_ (on purpose: the reasons are in
[differences.md](differences.md)), _not applicable_ or _not yet_. Every row that is claimed is proved by the tests it links to: a
test says \`[argo <row>]\` in its name. The behaviour of Argo CD is that of its main branch in August 2026.

This page is made from the tests by \`npm run docs:compatibility\`.
`;

/** The page: a summary, and one table for each section. */
export function compatibilityPage(sections: readonly Section[], tags: readonly Tag[]): string {
  const files = filesByRow(tags);
  const tables = sections.map((section) => `## ${section.id} ${section.title}\n\n${tableOf(section, files)}`);
  return [HEAD, summaryOf(sections), ...tables].join('\n');
}

function filesByRow(tags: readonly Tag[]): ReadonlyMap<string, ReadonlySet<string>> {
  const files = new Map<string, Set<string>>();
  for (const { name, file } of tags) files.set(name, (files.get(name) ?? new Set()).add(file));
  return files;
}

function summaryOf(sections: readonly Section[]): string {
  const rows = sections.flatMap((section) => section.rows);
  const states = ['same', 'differs', 'not applicable', 'not yet'] as const;
  const counts = states.map(
    (state) => `${String(rows.filter(({ stance }) => stance.state === state).length)} ${state}`,
  );
  return `${String(rows.length)} rows: ${counts.join(', ')}.\n`;
}

function tableOf(section: Section, files: ReadonlyMap<string, ReadonlySet<string>>): string {
  const lines = section.rows.map((row) => {
    const links = [...(files.get(tagOf(section, row)) ?? [])].map(linkTo);
    return `| ${[`\`${row.slug}\``, row.argo, row.stance.state, synclineOf(row), links.join(', ')].join(' | ')} |`;
  });
  return `${['| row | Argo CD | state | Syncline | tests |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')}\n`;
}

function synclineOf({ stance }: Row): string {
  switch (stance.state) {
    case 'same':
      return '';
    case 'differs':
      return stance.how;
    case 'not applicable':
    case 'not yet':
      return stance.why;
  }
}

function linkTo(file: string): string {
  return `[${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}](../${file})`;
}
