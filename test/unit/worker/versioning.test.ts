import { describe, expect, it } from 'vitest';
import { promotionOf, versionIn, versioned } from '../../../worker/versioning.ts';

describe('the version of a worker', () => {
  it('is none unless the environment gives one', () => {
    for (const env of [{}, { TEMPORAL_WORKER_BUILD_ID: '' }, { TEMPORAL_DEPLOYMENT_NAME: 'syncline' }]) {
      expect(versioned(versionIn(env))).toEqual({});
    }
  });

  it('pins syncs, and belongs to the deployment that is named, or to syncline', () => {
    const version = versionIn({ TEMPORAL_WORKER_BUILD_ID: 'b7' });
    expect(versioned(version)).toEqual({
      workerDeploymentOptions: {
        useWorkerVersioning: true,
        version: { deploymentName: 'syncline', buildId: 'b7' },
        defaultVersioningBehavior: 'PINNED',
      },
    });
    const named = { TEMPORAL_WORKER_BUILD_ID: 'b7', TEMPORAL_DEPLOYMENT_NAME: 'blue' };
    expect(promotionOf(versionIn(named)!)).toBe(
      'temporal worker deployment set-current-version --deployment-name blue --build-id b7',
    );
  });
});
