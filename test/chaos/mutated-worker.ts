/** Loads a worker's code with a safeguard taken away; to be imported before anything else (`node --import`). */
import { registerHooks } from 'node:module';
import { mutatedSource } from '../simulation/mutated-source.ts';
import { chaosMutant } from './mutants.ts';

const mutant = chaosMutant(process.env['SYNCLINE_MUTANT'] ?? '');

registerHooks({ load: (url, context, next) => mutatedSource(mutant, url) ?? next(url, context) });
