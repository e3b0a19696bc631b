/** Where a client is connected to. */
export type Place =
  | { readonly kind: 'temporal'; readonly address: string; readonly namespace: string }
  | { readonly kind: 'server'; readonly url: string };

/** A place in words: `Temporal localhost:7233, namespace default`. */
export function describePlace(place: Place): string {
  return place.kind === 'server' ? `server ${place.url}` : `Temporal ${place.address}, namespace ${place.namespace}`;
}
