/**
 * A content-addressed store of bytes: rendered manifests, plans, evidence. What is stored never changes and is named by
 * its digest. A reference keeps what it names from being collected.
 */
export interface BundleStore {
  /** How the store is named in configuration, e.g. `file:/var/lib/syncline`. */
  readonly description: string;
  /** Stores bytes (compressed) and answers their digest, `sha256:<64 hex>`. Storing the same bytes twice is one entry. */
  put(bytes: Uint8Array, signal: AbortSignal): Promise<string>;
  /** The bytes of a digest. Throws `BundleNotFound`, or `BundleDigestMismatch` when what is stored is damaged. */
  get(digest: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Whether the digest is stored whole. */
  has(digest: string, signal: AbortSignal): Promise<boolean>;
  /** Writes or moves a named reference, e.g. `sync/<cluster>/<application>/<syncId>` → digests. */
  refer(name: string, digests: readonly string[], signal: AbortSignal): Promise<void>;
  /** The digests of a reference; empty when there is none. */
  referred(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Names of the references that start with a prefix. */
  references(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes a reference. */
  release(name: string, signal: AbortSignal): Promise<void>;
  /** Removes what no reference names and is older than the grace period. Answers how many entries went. */
  collect(graceMs: number, signal: AbortSignal): Promise<number>;
}
