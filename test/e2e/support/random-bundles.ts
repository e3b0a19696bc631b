import fc from 'fast-check';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { Placement } from './manifests.ts';
import { configMap, deployment, job, pod, secret, service } from './manifests.ts';

const PHASES = ['PreSync', 'Sync', 'PostSync'] as const;

/** One object of a random bundle. */
export interface Piece {
  readonly kind: 'ConfigMap' | 'Secret' | 'Service' | 'Deployment' | 'Job' | 'Pod';
  readonly phase: (typeof PHASES)[number];
  readonly wave: number;
  /** Whether an object that need not be a hook is one. */
  readonly hook: boolean;
  /** Indexes of pieces that it comes after; only those before it count, so that there is no cycle. */
  readonly on: readonly number[];
}

/** What a random bundle is made of. */
export interface RandomBundle {
  readonly pieces: readonly Piece[];
  /** Waves of ConfigMaps that an earlier sync has made and the bundle no longer has. */
  readonly pruned: readonly number[];
}

/** Any bundle of some kinds, phases and waves, with dependencies that have no cycle. */
export const randomBundles: fc.Arbitrary<RandomBundle> = fc.record({
  pieces: fc.array(
    fc.record<Piece>({
      kind: fc.constantFrom('ConfigMap', 'ConfigMap', 'Secret', 'Service', 'Deployment', 'Job', 'Pod'),
      phase: fc.constantFrom(...PHASES),
      wave: fc.integer({ min: -2, max: 2 }),
      hook: fc.boolean(),
      on: fc.array(fc.nat({ max: 11 }), { maxLength: 2 }),
    }),
    { minLength: 4, maxLength: 12 },
  ),
  pruned: fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 4 }),
});

const nameOf = ({ kind }: Piece, index: number): string => `${kind.toLowerCase()}-${index}`;
const isHook = ({ kind, hook }: Piece): boolean => kind === 'Job' || kind === 'Pod' || (hook && kind !== 'Deployment');
const phaseOf = (piece: Piece): Piece['phase'] => (isHook(piece) ? piece.phase : 'Sync');

/** The objects of a random bundle; what others come after takes its time. */
export function objectsOf({ pieces }: RandomBundle): readonly KubernetesObject[] {
  const on = pieces.map((piece, index) =>
    piece.on.filter((at) => at < index && PHASES.indexOf(phaseOf(pieces[at]!)) <= PHASES.indexOf(phaseOf(piece))),
  );
  return pieces.map((piece, index) => {
    const after = (on[index] ?? []).map((at) => `${pieces[at]!.kind}/${nameOf(pieces[at]!, at)}`);
    // What others come after, and one of two in the waves, takes its time, so that one that did not wait is seen.
    const slow = index % 2 === 0 || on.some((targets) => targets.includes(index));
    return objectOf(piece, nameOf(piece, index), {
      wave: piece.wave,
      ...(isHook(piece) ? { hook: piece.phase } : {}),
      ...(after.length === 0 ? {} : { annotations: { 'syncline.dev/depends-on': after.join(',') } }),
      ...(slow ? { pods: { 'succeed-after': '1200ms', 'ready-after': '1200ms' } } : {}),
    });
  });
}

function objectOf({ kind }: Piece, name: string, placement: Placement): KubernetesObject {
  switch (kind) {
    case 'ConfigMap':
      return configMap(name, placement);
    case 'Secret':
      return secret(name, { key: 'value' }, placement);
    case 'Service':
      return service(name, placement);
    case 'Deployment':
      return deployment(name, placement);
    case 'Job':
      return job(name, placement);
    case 'Pod':
      return pod(name, placement);
  }
}

/** Names and waves of the ConfigMaps that an earlier sync has made. */
export const prunedOf = ({ pruned }: RandomBundle) => pruned.map((wave, index) => ({ name: `old-${index}`, wave }));
