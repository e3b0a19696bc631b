/** The phases in which steps run, in their order. SyncFail runs only when one of the others failed. */
export const PHASES = ['PreSync', 'Sync', 'PostSync', 'SyncFail'] as const;

/** A phase of a sync. */
export type Phase = (typeof PHASES)[number];

/** The hook delete policies of Argo CD. */
export const DELETE_POLICIES = ['BeforeHookCreation', 'HookSucceeded', 'HookFailed'] as const;

/** What decides when a hook's object is deleted. */
export type DeletePolicy = (typeof DELETE_POLICIES)[number];
