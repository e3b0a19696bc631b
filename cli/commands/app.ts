import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { SynclineClient } from '../../client/syncline-client.ts';
import { lasting, pushable } from '../../client/applications/kept-source.ts';
import type { ApplicationChanges, ApplicationDefinition } from '../../core/application/application.ts';
import { changed } from '../../core/application/application.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import { renderDefinition } from '../render/definition.ts';
import { renderTable } from '../render/table.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { ignoredOf } from '../flags/ignore-flags.ts';
import type { PushFlags } from '../flags/push-flags.ts';
import { onPushOf, withPush } from '../flags/push-flags.ts';
import type { WindowFlags } from '../flags/window-flags.ts';
import { windowsGiven, withWindows } from '../flags/window-flags.ts';
import type { Registration } from '../registration.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withOutput, withPlace } from '../settings.ts';
import { describedSource, SOURCE_ARGUMENT } from '../flags/source-flags.ts';
import { DEFAULT_NAMESPACE, toldOf } from '../subject.ts';
import type { SyncFlags } from '../flags/sync-flags.ts';
import { syncOptionsOf, withKeptOptions } from '../flags/sync-flags.ts';
import { withNamespace } from '../flags/namespace-flags.ts';

type SetFlags = SyncFlags & PushFlags & WindowFlags;
type AppFlags = PlaceFlags & KubeconfigFlags & OutputFlags;

/** `syncline app …`: applications that are kept in their cluster, so that a name is enough to sync them. */
export function registerApp(registration: Registration): void {
  const app = registration.program
    .command('app')
    .description('keep applications (source, destination, options) in their cluster, to be synced by their names');
  registerSet(app, registration);
  registerGet(app, registration);
  registerList(app, registration);
  registerRemoval(app, registration);
}

function registerSet(app: Command, { console, end }: Registration): void {
  const command = app
    .command('set')
    .argument('<name>', 'the application')
    .argument('[source]', `${SOURCE_ARGUMENT}; where it is left out, the rest of what is kept is changed`, location)
    .description('keep an application, or change what is kept of it; `syncline sync <name>` then syncs it');
  withOutput(withPlace(withWindows(withPush(withKeptOptions(withNamespace(command)))))).action(
    async (name: string, source: string | undefined, flags: SetFlags) => {
      await withClient(flags, console, async (client) => {
        const cluster = clusterName(flags, console.env);
        const definition = await definitionFrom(client, name, source, flags, console);
        await client.applications.set(definition, { cluster, signal: console.interrupted });
        show(definition, flags, console);
        console.tell(`kept in cluster ${cluster}; sync it with: syncline sync ${name}`);
      });
      end(EXIT.succeeded);
    },
  );
}

function registerGet(app: Command, { console, end }: Registration): void {
  const command = app.command('get').argument('<name>', 'the application').description('show what is kept of one');
  withOutput(withPlace(command)).action(async (name: string, flags: AppFlags) => {
    await withClient(flags, console, async ({ applications }) => {
      const options = { cluster: clusterName(flags, console.env), signal: console.interrupted };
      show(await applications.get(name, options), flags, console);
    });
    end(EXIT.succeeded);
  });
}

function registerList(app: Command, { console, end }: Registration): void {
  withOutput(withPlace(app.command('list').description('list the applications that are kept'))).action(
    async (flags: AppFlags) => {
      await withClient(flags, console, async (client) => {
        const cluster = clusterName(flags, console.env);
        const applications = await client.applications.list({ cluster, signal: console.interrupted });
        if (flags.output === 'json') console.print(JSON.stringify({ version: 1, applications }, undefined, 2));
        else if (applications.length === 0) console.tell(`no application is kept in cluster ${cluster}`);
        else console.print(asTable(applications));
      });
      end(EXIT.succeeded);
    },
  );
}

function registerRemoval(app: Command, { console, end }: Registration): void {
  const command = app
    .command('delete')
    .argument('<name>', 'the application')
    .description('forget what is kept of an application; its objects stay (`syncline delete` deletes them)');
  withPlace(command).action(async (name: string, flags: AppFlags) => {
    await withClient(flags, console, async ({ applications }) => {
      await applications.delete(name, { cluster: clusterName(flags, console.env), signal: console.interrupted });
    });
    console.print(`${name} is no longer kept; its objects are as they were`);
    end(EXIT.succeeded);
  });
}

/** Standard input is gone once it was read. */
function location(text: string): string {
  if (text === '-') throw new InvalidArgumentError('Standard input can not be kept.');
  return text;
}

async function definitionFrom(
  { applications }: SynclineClient,
  name: string,
  source: string | undefined,
  flags: SetFlags,
  console: Console,
): Promise<ApplicationDefinition> {
  const onPush = onPushOf(flags);
  const options = toldOf({ ...syncOptionsOf(flags), ...(await ignoredOf(flags)) });
  const { location: _, ...said } = describedSource('', flags);
  const changes: ApplicationChanges = {
    ...(flags.namespace === DEFAULT_NAMESPACE ? {} : { namespace: flags.namespace }),
    ...(flags.createNamespace ? { createNamespace: true } : {}),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
  const windows = windowsGiven(flags);
  const listening = {
    ...(onPush === undefined ? {} : { onPush }),
    ...(windows === undefined ? {} : { windows }),
  };
  if (source !== undefined) {
    const whole = lasting({ ...said, location: source });
    const bare = { version: 1, application: name, namespace: flags.namespace, source: whole } as const;
    return pushable(changed(bare, { ...changes, ...listening }));
  }
  const kept = await existing(applications, name, flags, console);
  const anew = lasting({ ...said, location: kept.source.location });
  return pushable(changed(kept, { ...changes, ...listening, source: anew }));
}

async function existing(
  applications: SynclineClient['applications'],
  name: string,
  flags: SyncFlags,
  { env, interrupted }: Console,
): Promise<ApplicationDefinition> {
  try {
    return await applications.get(name, { cluster: clusterName(flags, env), signal: interrupted });
  } catch (error) {
    if (!(error instanceof SynclineError) || error.type !== 'InvalidRequest') throw error;
    throw failure('InvalidRequest', `${error.failures[0].message}: a source must be named`, {
      remedy: `give one: syncline app set ${name} SOURCE`,
    });
  }
}

function show(definition: ApplicationDefinition, { output }: OutputFlags, console: Console): void {
  if (output === 'json') console.print(JSON.stringify(definition, undefined, 2));
  else console.print(renderDefinition(definition));
}

function asTable(applications: readonly ApplicationDefinition[]): string {
  const columns = ['APPLICATION', 'NAMESPACE', 'SOURCE'].map((title) => ({ title }));
  return renderTable(
    columns,
    applications.map(({ application, namespace, source }) => [application, namespace, source.location]),
  );
}
