import { describe, expect, it } from 'vitest';
import type { ApplicationDefinition } from '../../../../core/application/application.ts';
import { changed } from '../../../../core/application/application.ts';

const SHOP: ApplicationDefinition = {
  version: 1,
  application: 'shop',
  namespace: 'shop',
  source: {
    location: 'https://git.example.com/shop',
    git: { ref: 'main' },
    helm: { values: ['prod.yaml'], kubeVersion: '1.35' },
  },
  options: { prune: true, timeoutMs: 60_000 },
};

describe('an application with changes', () => {
  it('takes options and scalars in the place of what is kept', () => {
    const now = changed(SHOP, {
      options: { timeoutMs: 1_000 },
      source: { git: { ref: 'v2' }, helm: { kubeVersion: '1.36' } },
    });
    expect(now.options).toEqual({ prune: true, timeoutMs: 1_000 });
    expect(now.source).toEqual({
      location: 'https://git.example.com/shop',
      git: { ref: 'v2' },
      helm: { values: ['prod.yaml'], kubeVersion: '1.36' },
    });
  });

  it('adds to lists, since what comes later goes before', () => {
    const now = changed(SHOP, { source: { helm: { values: ['canary.yaml'], set: ['image.tag=v2'] } } });
    expect(now.source.helm).toEqual({
      values: ['prod.yaml', 'canary.yaml'],
      set: ['image.tag=v2'],
      kubeVersion: '1.35',
    });
  });

  it('keeps nothing of a source when the location is another', () => {
    expect(changed(SHOP, { source: { location: './deploy' } }).source).toEqual({ location: './deploy' });
  });

  it('listens to other pushes than before, to none, or goes on as it was', () => {
    const listening = changed(SHOP, { onPush: { branch: true, paths: ['deploy/*'] } });
    expect(listening.onPush).toEqual({ branch: true, paths: ['deploy/*'] });
    expect(changed(listening, { namespace: 'web' }).onPush).toEqual(listening.onPush);
    expect(changed(listening, { onPush: { tags: 'v*' } }).onPush).toEqual({ tags: 'v*' });
    expect(changed(listening, { onPush: null })).not.toHaveProperty('onPush');
  });

  it('stays as it is without changes', () => {
    expect(changed(SHOP, {})).toEqual(SHOP);
    const { options: _, ...bare } = SHOP;
    expect(changed(bare, {})).not.toHaveProperty('options');
  });
});
