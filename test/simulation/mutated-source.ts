import { readFileSync } from 'node:fs';
import type { LoadFnOutput } from 'node:module';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';

const ROOT = new URL('../../', import.meta.url).href;

/** What a module is loaded as under a mutant; undefined for one that the mutant leaves alone. Throws where its text has changed. */
export function mutatedSource({ name, changes }: Mutant, url: string): LoadFnOutput | undefined {
  const own = changes.filter(({ file }) => url === new URL(file, ROOT).href);
  if (own.length === 0) return undefined;
  const source = own.reduce(
    (text, { from, to }) => {
      if (text.split(from).length !== 2) throw new Error(`mutant ${name}: ${url} does not have its text once: ${from}`);
      return text.replace(from, () => to);
    },
    readFileSync(fileURLToPath(url), 'utf8'),
  );
  return { format: 'module', source: stripTypeScriptTypes(source), shortCircuit: true };
}
