import { healthOf } from '../../core/health/rules.ts';
import type { Health } from '../../core/health/health.ts';
import type { Failure } from '../../core/failures.ts';
import { isJsonObject } from '../../core/json.ts';
import { readDocuments } from '../../core/manifests/documents.ts';
import type { Candidate } from '../../core/manifests/lists.ts';
import { candidatesOf } from '../../core/manifests/lists.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { refOf } from '../../core/objects.ts';
import { readSource } from '../../sources/source.ts';
import { EXIT } from '../exit-codes.ts';
import { refuse } from '../manifests.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import type { OutputFlags } from '../settings.ts';
import { withOutput } from '../settings.ts';

interface HealthFlags extends OutputFlags {
  readonly file: string;
}

/** Without a rule, and without conditions to judge by, an object is waited for no longer than until it exists. */
const NO_RULE: Health = { status: 'Healthy', message: '' };

/** `syncline health -f FILE`: what the health rules say of live objects, in the file's order. */
export function registerHealth({ program, console, end }: Registration): void {
  const command = program
    .command('health')
    .description('say what the health rules make of objects; needs no cluster')
    .requiredOption('-f, --file <path>', 'a file of live objects as YAML or JSON, a folder, or - for standard input');
  withOutput(command).action(async (flags: HealthFlags) => {
    const { files } = await readSource(flags.file, console.interrupted, console.stdin);
    const read = files.map(({ file, text }) => readDocuments(file, text));
    const candidates = read.flatMap(({ documents }) => documents.flatMap(candidatesOf));
    refuse([...read.flatMap(({ failures }) => failures), ...candidates.flatMap(notAnObject)]);
    // The validity rules of manifests are not for live objects: a file may show one object at several moments.
    const answers = candidates.flatMap(({ value }) => (isJsonObject(value) ? [describe(value)] : []));
    console.print(flags.output === 'json' ? JSON.stringify(answers, undefined, 2) : asTable(answers));
    end(EXIT.succeeded);
  });
}

function notAnObject({ value, location }: Candidate): readonly Failure[] {
  if (isJsonObject(value)) return [];
  const place = `${location.file}:${location.line}`;
  return [{ type: 'InvalidManifest', message: 'The document is no Kubernetes object.', location: place }];
}

interface HealthAnswer extends Health {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

function describe(object: KubernetesObject): HealthAnswer {
  const { apiVersion, kind, name } = refOf(object);
  const { status, message } = healthOf(object) ?? NO_RULE;
  return { apiVersion, kind, name, status, message };
}

function asTable(answers: readonly HealthAnswer[]): string {
  const rows = answers.map((answer) => [answer.kind, answer.name, answer.status, answer.message]);
  return renderTable([{ title: 'KIND' }, { title: 'NAME' }, { title: 'STATUS' }, { title: 'MESSAGE' }], rows);
}
