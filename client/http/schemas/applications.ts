import { z } from 'zod';
import { outcome, rollback, stepState } from './status.ts';
import { label, moment, phase } from './vocabulary.ts';

const version = z.literal(1);

/** An application as it is kept in its cluster. Its parts are read strictly by the library, which says where one is wrong. */
export const definition = z
  .looseObject({
    version,
    application: label(50),
    namespace: label(63),
    createNamespace: z.boolean().exactOptional(),
    source: z.looseObject({ location: z.string().min(1).max(2_000) }),
    options: z.looseObject({}).exactOptional(),
  })
  .meta({ id: 'ApplicationDefinition' });

/** The applications that are kept in a cluster. */
export const definitionList = z
  .object({ version, applications: z.array(definition) })
  .meta({ id: 'ApplicationDefinitionList' });

const flag = z.boolean();

/** Those that every sync has; it may have more. */
const optionsThatHeld = z.looseObject({
  ...{ dryRun: flag, prune: flag, allowEmpty: flag, wait: flag, lenient: flag },
  ...{ forceConflicts: flag, validate: flag, syncFailOnAbort: flag, takeOver: flag },
});

const historyEntry = z
  .object({
    ...{ syncId: z.string(), number: z.number().int(), revision: z.string(), bundle: z.string() },
    ...{ requestedBy: z.string(), startedAt: moment, finishedAt: moment, outcome },
    phases: z.array(z.object({ phase, state: stepState, startedAt: moment, finishedAt: moment.exactOptional() })),
    failure: z.string().exactOptional().describe('Why it failed, in one sentence.'),
    skipped: z.number().int().exactOptional().describe('How many objects, hooks among them, a person has skipped.'),
    rollback: rollback.exactOptional(),
    request: z.looseObject({ createNamespace: z.boolean(), options: optionsThatHeld }),
  })
  .meta({ id: 'HistoryEntry' });

/** The syncs of an application that its cluster keeps, newest first. */
export const applicationHistory = z
  .object({ version, namespace: z.string(), entries: z.array(historyEntry) })
  .meta({ id: 'ApplicationHistory' });

/** The order of a sync that was, or of one that would go back to it. */
export const earlierOrder = z
  .looseObject({
    version,
    ...{ application: z.string(), cluster: z.string(), namespace: z.string(), bundle: z.string() },
    requestedBy: z.string(),
    rollback: rollback.exactOptional(),
    options: z.looseObject({}),
  })
  .meta({ id: 'EarlierOrder' });
