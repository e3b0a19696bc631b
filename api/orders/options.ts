import type { z } from 'zod';
import type { SyncOptions } from '../../client/index.ts';
import { readApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Failure } from '../../core/failures.ts';
import type { syncOptions } from '../../client/http/schemas/orders.ts';

/** The options of an order as the library has them. Throws `InvalidRequest` for sync options of Argo CD's that there are not. */
export function optionsOf(given: z.output<typeof syncOptions> = {}): Partial<SyncOptions> {
  const { syncOptions: pairs, ignoreDifferences, ...rest } = given;
  const items = Object.entries(pairs ?? {}).map(([name, value]) => `${name}=${value}`);
  const { options, findings } = readApplicationSyncOptions('options.syncOptions', items);
  const [first, ...others] = findings.map(({ message, remedy }): Failure => ({
    type: 'InvalidRequest',
    message,
    ...(remedy === undefined ? {} : { remedy }),
  }));
  if (first !== undefined) throw new SynclineError([first, ...others]);
  return {
    ...rest,
    ...(pairs === undefined ? {} : { syncOptions: options }),
    ...(ignoreDifferences === undefined
      ? {}
      : { ignoreDifferences: ignoreDifferences.map((rule) => ({ group: '', ...rule })) }),
  };
}
