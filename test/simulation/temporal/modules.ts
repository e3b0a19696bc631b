/**
 * Loads product code for the simulator: `@temporalio/workflow` is the model of `workflow-api.ts`, and, where a mutant is
 * asked for, one text of one file is another. To be imported before anything else (`node --import`).
 */
import { registerHooks } from 'node:module';
import { mutantNamed } from '../mutants.ts';
import { mutatedSource } from '../mutated-source.ts';

const API = new URL('./workflow-api.ts', import.meta.url).href;
const name = process.env['SYNCLINE_MUTANT'];
const mutant = name === undefined ? undefined : mutantNamed(name);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@temporalio/workflow' ? { url: API, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) => (mutant === undefined ? undefined : mutatedSource(mutant, url)) ?? next(url, context),
});
