/** Task queue of workflows and of activities that work. */
export const SYNC_QUEUE = 'syncline';

/** Task queue of activities that wait, so that waiting hooks never hold the slots of applies. */
export const HOOK_QUEUE = 'syncline-hooks';
