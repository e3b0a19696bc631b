/**
 * Loads product code for the simulator: `@temporalio/workflow` is the model of `workflow-api.ts`, nothing is compressed, and, where a mutant is
 * asked for, one text of one file is another. To be imported before anything else (`node --import`).
 */
import { registerHooks } from 'node:module';
import { mutantNamed } from '../mutants.ts';
import { mutatedSource } from '../mutated-source.ts';

const STAND_INS = new Map([
  ['@temporalio/workflow', new URL('./workflow-api.ts', import.meta.url).href],
  ['node:zlib', new URL('../cluster/uncompressed.ts', import.meta.url).href],
]);
const name = process.env['SYNCLINE_MUTANT'];
const mutant = name === undefined ? undefined : mutantNamed(name);

registerHooks({
  resolve: (specifier, context, next) => {
    const standIn = STAND_INS.get(specifier);
    return standIn === undefined ? next(specifier, context) : { url: standIn, shortCircuit: true };
  },
  load: (url, context, next) => (mutant === undefined ? undefined : mutatedSource(mutant, url)) ?? next(url, context),
});
