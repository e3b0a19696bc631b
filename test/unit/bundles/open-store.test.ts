import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundleStore } from '../../../bundles/open-store.ts';
import { memoryCluster } from '../../fakes/memory-cluster.ts';

const cluster = memoryCluster([]);

describe('a store’s specification', () => {
  it.each([
    ['file:/var/lib/syncline', 'file:/var/lib/syncline'],
    ['file:bundles', `file:${resolve('bundles')}`],
    ['kubernetes:syncline-system', 'kubernetes:syncline-system'],
  ])('%s opens %s', (specification, description) => {
    expect(openBundleStore(specification, { cluster }).description).toBe(description);
  });

  it.each([
    '',
    'file',
    'file:',
    '/var/lib/syncline',
    'kubernetes:',
    'kubernetes:No_Namespace',
    's3:bucket',
    'x file:a',
  ])('%j is refused with the forms there are', (specification) => {
    expect(() => openBundleStore(specification, { cluster })).toThrow(/file:PATH or kubernetes:NAMESPACE/);
  });

  it('kubernetes: is refused where no cluster is configured', () => {
    expect(() => openBundleStore('kubernetes:syncline-system')).toThrow(/no cluster is configured/);
  });
});
