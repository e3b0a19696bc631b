import { stringify } from 'yaml';
import type { ApplicationDefinition } from '../../core/application/application.ts';

/** An application that is kept, as YAML: what was not said is left out. */
export function renderDefinition({ version: _, ...definition }: ApplicationDefinition): string {
  return stringify(definition).trimEnd();
}
