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
  /** The reference of a name; undefined when there is none. */
  reference(name: string, signal: AbortSignal): Promise<StoredReference | undefined>;
  /** The references whose names start with a prefix, by name. */
  references(prefix: string, signal: AbortSignal): Promise<readonly StoredReference[]>;
  /** Removes a reference. */
  release(name: string, signal: AbortSignal): Promise<void>;
  /** Removes a reference unless it has been written again since it was listed. Answers whether it did. */
  releaseUnchanged(reference: StoredReference, signal: AbortSignal): Promise<boolean>;
  /** Removes what no reference names and is older than the grace period. Answers how many entries went. */
  collect(graceMs: number, signal: AbortSignal): Promise<number>;
  /** The same store, for one of several who share it: the references it writes carry the owner's name. */
  ownedBy(owner: string): BundleStore;
}

/** A reference as it stands in a store. */
export interface StoredReference {
  readonly name: string;
  readonly digests: readonly string[];
  /** When it was last written, ms since 1970 by its writer's clock; 0 where that is unknown. */
  readonly writtenAt: number;
  /** Who wrote it; absent where that is unknown. */
  readonly owner?: string;
  /** Differs after each writing; the store's own. */
  readonly version: string;
}
