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
import type { CheckSource } from '../../checks/check-source.ts';
import type { CustomHealth } from '../../checks/custom-health.ts';
import type { CheckFlags } from './check-flags.ts';
import { checkSources, withChecks } from './check-flags.ts';
import { kubeconfigCluster } from '../../client/kubeconfig.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { refuse } from '../../core/plan/offline-plan.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import type { KubeconfigFlags, OutputFlags } from '../settings.ts';
import { DEFAULT_CLUSTER, kubeconfigOf, withKubeconfig, withOutput } from '../settings.ts';

interface HealthFlags extends OutputFlags, CheckFlags, KubeconfigFlags {
  readonly file: string;
}

/** Without a rule, and without conditions to judge by, an object is waited for no longer than until it exists. */
const NO_RULE: Health = { status: 'Healthy', message: '' };

/** `syncline health -f FILE`: what the health rules and checks say of live objects, in the file's order. */
export function registerHealth({ program, console, end }: Registration): void {
  const command = program
    .command('health')
    .description('say what the health rules and checks make of objects; needs no cluster, unless checks stand in one')
    .requiredOption('-f, --file <path>', 'a file of live objects as YAML or JSON, a folder, or - for standard input');
  withOutput(withKubeconfig(withChecks(command))).action(async (flags: HealthFlags) => {
    const { files } = await readSource(flags.file, console.interrupted, { stdin: console.stdin });
    const read = files.map(({ file, text }) => readDocuments(file, text));
    const candidates = read.flatMap(({ documents }) => documents.flatMap(candidatesOf));
    refuse([...read.flatMap(({ failures }) => failures), ...candidates.flatMap(notAnObject)]);
    // The validity rules of manifests are not for live objects: a file may show one object at several moments.
    const objects = candidates.flatMap(({ value }) => (isJsonObject(value) ? [value] : []));
    const answers = await withCustomHealth(flags, console, (custom) =>
      Promise.all(objects.map((object) => describe(object, custom, console.interrupted))),
    );
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

async function describe(
  object: KubernetesObject,
  custom: CustomHealth | undefined,
  signal: AbortSignal,
): Promise<HealthAnswer> {
  const { apiVersion, kind, name } = refOf(object);
  const said = await custom?.healthOf(object, signal);
  const { status, message } = healthOf(object, said === undefined ? {} : { custom: said }) ?? NO_RULE;
  return { apiVersion, kind, name, status, message };
}

/** Runs a command's work with the checks it was given, and lets go of them and of their cluster whatever happens. */
async function withCustomHealth<T>(
  flags: HealthFlags,
  console: Console,
  work: (custom: CustomHealth | undefined) => Promise<T>,
): Promise<T> {
  const sources = checkSources(flags, console.env);
  if (sources.length === 0) return work(undefined);
  const { openHealthChecks } = await import('../../checks/health-checks.ts');
  const cluster = sources.some(isInCluster)
    ? await kubeconfigCluster(kubeconfigOf(flags, console))(DEFAULT_CLUSTER)
    : undefined;
  const warn = (problem: string): void => console.tell(`${console.style.yellow('warning')}: ${problem}`);
  try {
    const checks = await openHealthChecks(sources, warn, console.interrupted);
    try {
      return await work(await checks.of(cluster, console.interrupted));
    } finally {
      await checks.close();
    }
  } finally {
    await cluster?.close();
  }
}

function isInCluster(source: CheckSource): boolean {
  return source.kind === 'configMap';
}

function asTable(answers: readonly HealthAnswer[]): string {
  const rows = answers.map((answer) => [answer.kind, answer.name, answer.status, answer.message]);
  return renderTable([{ title: 'KIND' }, { title: 'NAME' }, { title: 'STATUS' }, { title: 'MESSAGE' }], rows);
}
