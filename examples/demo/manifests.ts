import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMap, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';

const SHOP = fileURLToPath(new URL('../shop', import.meta.url));

/** The last words of a migration that fails. */
const FAILING_LOG = `applying 0042_add_index.sql
ERROR: relation "orders" does not exist (SQLSTATE 42P01)
`;

/** A folder to sync, and how to be rid of it afterwards. */
export interface DemoManifests {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * The folder to sync: the example itself, or a copy in which one hook Job fails. Throws where no hook has the name.
 */
export async function shopManifests(breakHook: string | undefined): Promise<DemoManifests> {
  if (breakHook === undefined) return { path: SHOP, remove: () => Promise.resolve() };
  const copy = await mkdtemp(join(tmpdir(), 'syncline-demo-shop-'));
  await cp(SHOP, copy, { recursive: true });
  let broken = 0;
  for (const name of await readdir(copy)) {
    if (!name.endsWith('.yaml')) continue;
    const file = join(copy, name);
    const documents = parseAllDocuments(await readFile(file, 'utf8')) as Document[];
    const hit = documents.filter((document) => breakDocument(document, breakHook));
    if (hit.length > 0) await writeFile(file, documents.map(String).join(''));
    broken += hit.length;
  }
  if (broken === 0) throw new Error(`examples/shop has no Job whose name contains "${breakHook}"`);
  return { path: copy, remove: () => rm(copy, { recursive: true, force: true }) };
}

function breakDocument(document: Document, part: string): boolean {
  if (!isMap(document.contents) || document.get('kind') !== 'Job') return false;
  const name: unknown = document.getIn(['metadata', 'name']) ?? document.getIn(['metadata', 'generateName']);
  if (typeof name !== 'string' || !name.includes(part)) return false;
  document.setIn(['spec', 'backoffLimit'], 0);
  const annotations = ['spec', 'template', 'metadata', 'annotations'];
  document.deleteIn(annotations);
  document.setIn(
    annotations,
    document.createNode({
      'sandbox.syncline.dev/fail-after': '2s',
      'sandbox.syncline.dev/exit-code': '1',
      'sandbox.syncline.dev/log': FAILING_LOG,
    }),
  );
  return true;
}
