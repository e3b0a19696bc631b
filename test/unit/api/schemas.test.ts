import { expect, test } from 'vitest';
import type { z } from 'zod';
import type * as answers from '../../../client/http/schemas/answers.ts';
import type * as applications from '../../../client/http/schemas/applications.ts';
import type * as events from '../../../client/http/schemas/events.ts';
import type * as schedules from '../../../client/http/schemas/schedules.ts';
import type * as status from '../../../client/http/schemas/status.ts';
import type {
  ApplicationDefinition,
  ApplicationHistory,
  Comparison,
  HookEvents,
  HookLog,
  HookRow,
  ResourceRow,
  SyncEvent,
  SyncListing,
  SyncView,
} from '../../../client/index.ts';
import type {
  HookEvidence,
  Schedule,
  ScheduleSummary,
  SyncPlan,
  SyncStateReport,
  TriggerOutcome,
} from '../../../client/index.ts';

/** What a schema takes, so that nobody may write to it: as the library's types are. */
type Answer<Schema extends z.ZodType> = Frozen<z.output<Schema>>;
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T as string extends Key ? never : Key]: Frozen<T[Key]> }
    : T;

/** True where all that the library may answer is what the schema says. */
type Covers<Schema extends z.ZodType, Told> = Told extends Answer<Schema> ? true : false;
type Versioned<T> = T & { readonly version: 1 };

// Each is checked by the compiler: a state or an outcome that the library has and a schema lacks does not compile.
const covered: readonly true[] = [
  true satisfies Covers<typeof status.syncView, Versioned<SyncView>>,
  true satisfies Covers<typeof answers.syncList, Versioned<{ readonly syncs: readonly SyncListing[] }>>,
  true satisfies Covers<typeof answers.resourceList, Versioned<{ readonly resources: readonly ResourceRow[] }>>,
  true satisfies Covers<typeof answers.hookList, Versioned<{ readonly hooks: readonly HookRow[] }>>,
  true satisfies Covers<typeof answers.hookLog, Versioned<HookLog>>,
  true satisfies Covers<typeof answers.hookEvents, Versioned<HookEvents>>,
  true satisfies Covers<typeof answers.hookEvidence, HookEvidence>,
  true satisfies Covers<typeof answers.plan, SyncPlan>,
  true satisfies Covers<typeof status.syncState, Versioned<{ readonly syncState: SyncStateReport }>>,
  true satisfies Covers<typeof events.syncEvent, SyncEvent>,
  true satisfies Covers<typeof answers.comparison, Versioned<Comparison>>,
  true satisfies Covers<typeof schedules.schedule, Versioned<Schedule>>,
  true satisfies Covers<typeof schedules.scheduleList, Versioned<{ readonly schedules: readonly ScheduleSummary[] }>>,
  true satisfies Covers<typeof schedules.triggerOutcome, Versioned<{ readonly outcome: TriggerOutcome }>>,
  true satisfies Covers<typeof applications.definition, ApplicationDefinition>,
  true satisfies Covers<typeof applications.applicationHistory, ApplicationHistory>,
];

test('the schemas of answers take all that the library may answer', () => expect(covered).not.toContain(false));
