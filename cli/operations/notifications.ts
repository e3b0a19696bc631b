import { Option } from 'commander';
import { failure } from '../../core/failures.ts';
import type { NotificationKind } from '../../core/notifications/notification.ts';
import { NOTIFICATION_KINDS } from '../../core/notifications/notification.ts';
import { EXIT } from '../exit-codes.ts';
import { openNotifier } from './notification-flags.ts';
import type { Registration } from '../registration.ts';

interface TestFlags {
  readonly target: string;
  readonly event: NotificationKind;
}

/** `syncline notifications check` and `test`: try a file of notifications before a worker uses it. */
export function registerNotifications({ program, console, end }: Registration): void {
  const command = program.command('notifications').description('check a file of notifications, and try its targets');
  command
    .command('check <file>')
    .description('read the file and the secrets it refers to; sends nothing')
    .action(async (file: string) => {
      const notifier = await openNotifier(file, console.env);
      await notifier.checkSecrets();
      await notifier.close();
      console.print(`${file} is right`);
      end(EXIT.succeeded);
    });
  command
    .command('test <file>')
    .description('tell a target of an event of an application that there is not')
    .requiredOption('--target <name>', 'the target')
    .addOption(new Option('--event <kind>', 'what to tell').choices(NOTIFICATION_KINDS).default('failed'))
    .action(async (file: string, { target, event }: TestFlags) => {
      const notifier = await openNotifier(file, console.env);
      try {
        await notifier.checkSecrets(target);
        const { sampleOf } = await import('../../notifications/wording.ts');
        const log = event === 'failed' || event === 'held' ? ['the last line of a log'] : [];
        const told = { notification: sampleOf(event, console.now()), log };
        const outcome = await notifier.tell(target, told, console.interrupted);
        if ('why' in outcome) throw failure('NotDelivered', `${target} was not told: ${outcome.why}`);
        console.print(
          outcome.kind === 'delivered'
            ? `${target} was told`
            : `${target} is told nothing of ${event}: it is no news there`,
        );
        end(EXIT.succeeded);
      } finally {
        await notifier.close();
      }
    });
}
