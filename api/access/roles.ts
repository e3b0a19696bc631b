/** What a token may be for. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;

/** One of the roles. */
export type Role = (typeof ROLES)[number];

/** What a route does, as far as it needs a right. */
export const ACTIONS = ['read', 'sync', 'decide', 'define', 'delete'] as const;

/** One of the actions. */
export type Action = (typeof ACTIONS)[number];

/**
 * The authorisation matrix: which roles may do what. `read`: look at applications, logs and evidence; `sync`: plan, compare, start,
 * retry, skip, abort, pause, resume and trigger schedules; `decide`: approve and reject, which is apart from `sync` so that four eyes can be asked for; `define`: say what an
 * application is that is kept, and when it is synced, since others sync it by its name; `delete`: delete an application.
 */
export const MAY: Readonly<Record<Action, readonly Role[]>> = {
  read: ['viewer', 'operator', 'approver', 'admin'],
  sync: ['operator', 'admin'],
  decide: ['approver', 'admin'],
  define: ['admin'],
  delete: ['admin'],
};
