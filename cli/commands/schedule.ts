import type { Command } from 'commander';
import { Option } from 'commander';
import type { SynclineClient } from '../../client/syncline-client.ts';
import type { ScheduleOptions } from '../../client/applications/schedules.ts';
import type { TriggerOutcome } from '../../core/triggers/trigger.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderSchedule, renderSchedules } from '../render/schedules.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, durationFlag, requester, withClient, withOutput, withPlace } from '../settings.ts';

type ScheduleFlags = PlaceFlags & KubeconfigFlags;
type SetFlags = ScheduleFlags & {
  readonly cron: readonly string[];
  readonly timezone?: string;
  readonly jitter?: number;
  readonly ifRunning?: 'queue' | 'supersede';
};

/** Does something with the schedule of an application. */
type Work<Flags> = (
  client: SynclineClient,
  application: string,
  options: ScheduleOptions,
  flags: Flags,
) => Promise<void>;

/** `syncline schedule …`: when kept applications are synced by themselves. */
export function registerSchedule(registration: Registration): void {
  const schedule = registration.program
    .command('schedule')
    .description('sync kept applications at given times, by a worker that may render them (docs/triggers.md)');
  const { console } = registration;
  registerSet(schedule, registration);
  registerList(schedule, registration);
  const get = withOutput(schedule.command('get').description('show the schedule of one, and its latest triggers'));
  act<ScheduleFlags & OutputFlags>(get, registration, async ({ schedules }, name, options, { output }) => {
    const found = await schedules.get(name, options);
    if (output === 'json') console.print(JSON.stringify({ version: 1, ...found }, undefined, 2));
    else console.print(renderSchedule(found, console.now()));
  });
  const pause = schedule.command('pause').description('let it begin nothing').option('--reason <text>', 'why');
  act<ScheduleFlags & { readonly reason?: string }>(
    pause,
    registration,
    async ({ schedules }, name, options, { reason }) => {
      await schedules.pause(name, { ...options, ...(reason === undefined ? {} : { reason }) });
      console.print(`the schedule of ${name} is paused; resume it with: syncline schedule resume ${name}`);
    },
  );
  act(schedule.command('resume').description('let it go on'), registration, async ({ schedules }, name, options) => {
    await schedules.resume(name, options);
    console.print(`the schedule of ${name} goes on`);
  });
  const trigger = schedule.command('trigger').description('do now what it does at its time, paused or not');
  act(trigger, registration, async ({ schedules }, name, options, flags) =>
    tell(name, await schedules.trigger(name, options), flags, console),
  );
  act(schedule.command('delete').description('remove it'), registration, async ({ schedules }, name, options) => {
    await schedules.delete(name, options);
    console.print(`${name} has no schedule any more`);
  });
}

function registerSet(schedule: Command, registration: Registration): void {
  const command = schedule
    .command('set')
    .description('set the schedule of one, in the place of an earlier one')
    .requiredOption('--cron <expression>', 'when: "0 3 * * *", @daily; repeatable', collected)
    .option('--timezone <name>', 'of these times, e.g. Europe/Berlin (UTC)')
    .option(
      '--jitter <duration>',
      'by how much a time may be put off, at random, so that not all begin at once',
      durationFlag,
    )
    .addOption(
      new Option(
        '--if-running <action>',
        'where a sync of it runs: wait for its end, or let that end at its next safe point',
      )
        .choices(['queue', 'supersede'])
        .default('queue'),
    );
  act<SetFlags>(command, registration, async ({ schedules }, name, options, flags) => {
    const { cron: crons, timezone, jitter, ifRunning } = flags;
    const spec = {
      crons,
      ...(timezone === undefined ? {} : { timezone }),
      ...(jitter === undefined ? {} : { jitterMs: jitter }),
      ...(ifRunning === undefined ? {} : { ifRunning }),
    };
    await schedules.set(name, spec, options);
    registration.console.print(renderSchedule(await schedules.get(name, options), registration.console.now()));
  });
}

function registerList(schedule: Command, { console, end }: Registration): void {
  withOutput(withPlace(schedule.command('list').description('list the schedules of a cluster'))).action(
    async (flags: ScheduleFlags & OutputFlags) => {
      await withClient(flags, console, async ({ schedules }) => {
        const cluster = clusterName(flags, console.env);
        const found = await schedules.list({ cluster, signal: console.interrupted });
        if (flags.output === 'json') console.print(JSON.stringify({ version: 1, schedules: found }, undefined, 2));
        else if (found.length === 0) console.tell(`no application of cluster ${cluster} has a schedule`);
        else console.print(renderSchedules(found));
      });
      end(EXIT.succeeded);
    },
  );
}

/** Makes a command that takes the name of an application. */
function act<Flags extends ScheduleFlags = ScheduleFlags>(
  command: Command,
  { console, end }: Registration,
  work: Work<Flags>,
): void {
  withPlace(command.argument('<application>', 'the application')).action(async (name: string, flags: Flags) => {
    const options = {
      cluster: clusterName(flags, console.env),
      by: requester(console.env),
      signal: console.interrupted,
    };
    await withClient(flags, console, (client) => work(client, name, options, flags));
    end(EXIT.succeeded);
  });
}

function tell(name: string, outcome: TriggerOutcome, flags: ScheduleFlags, { print }: Console): void {
  if (outcome.kind !== 'asked') {
    print(`${name}: nothing is to be done`);
    return;
  }
  print(`sync ${outcome.syncId} of ${name}, revision ${outcome.revision}, is in line`);
  print(`follow it with: syncline status ${name} --sync ${outcome.syncId} --watch${commandNames(flags).flags}`);
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
