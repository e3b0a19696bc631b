import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compatibilityPage, PAGE } from './page.ts';
import { SECTIONS } from './sections.ts';
import { readTags } from './tags.ts';

const root = join(import.meta.dirname, '../..');
await writeFile(join(root, PAGE), compatibilityPage(SECTIONS, await readTags(root)));
