/** What a sync goes back to. */
export interface Rollback {
  /** The ID and the number of the sync whose manifests are synced again. */
  readonly syncId: string;
  readonly number: number;
  /** The failed sync that it follows by itself; absent where a person has asked. */
  readonly after?: string;
}
