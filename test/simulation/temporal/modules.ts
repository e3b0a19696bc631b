/**
 * Loads product code for the simulator: `@temporalio/workflow` is the model of `workflow-api.ts`, and, where a mutant is
 * asked for, one text of one file is another. To be imported before anything else (`node --import`).
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mutantNamed } from '../mutants.ts';

const API = new URL('./workflow-api.ts', import.meta.url).href;
const ROOT = new URL('../../../', import.meta.url).href;
const name = process.env['SYNCLINE_MUTANT'];
const mutant = name === undefined ? undefined : mutantNamed(name);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@temporalio/workflow' ? { url: API, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) => {
    const changes = mutant?.changes.filter(({ file }) => url === new URL(file, ROOT).href) ?? [];
    if (changes.length === 0) return next(url, context);
    const source = changes.reduce(
      (text, { from, to }) => {
        if (text.split(from).length !== 2)
          throw new Error(`mutant ${name ?? ''}: ${url} does not have its text once: ${from}`);
        return text.replace(from, () => to);
      },
      readFileSync(fileURLToPath(url), 'utf8'),
    );
    return { format: 'module', source: stripTypeScriptTypes(source), shortCircuit: true };
  },
});
