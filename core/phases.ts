/** What is done with an application. */
export type Operation = 'sync' | 'delete';

/** The phases of a sync, in their order. SyncFail runs only when one of the others failed. */
export const SYNC_PHASES = ['PreSync', 'Sync', 'PostSync', 'SyncFail'] as const;

/** The phases of an application's deletion, in their order. */
export const DELETION_PHASES = ['PreDelete', 'Delete', 'PostDelete'] as const;

/** All phases, each operation's in their order. */
export const PHASES = [...SYNC_PHASES, ...DELETION_PHASES] as const;

/** A phase of a sync or of a deletion. */
export type Phase = (typeof PHASES)[number];

/** The hook delete policies of Argo CD. */
export const DELETE_POLICIES = ['BeforeHookCreation', 'HookSucceeded', 'HookFailed'] as const;

/** What decides when a hook's object is deleted. */
export type DeletePolicy = (typeof DELETE_POLICIES)[number];
