import { z } from 'zod';
import type { Told } from './told-push.ts';
import { COMMIT, nameIn, refOf } from './told-push.ts';

/** A push as anything that can sign a request tells of it. */
export const genericPush = z
  .strictObject({
    repository: z.string().min(1).max(2_000).describe('An address that it can be cloned from.'),
    ref: z.string().max(1_000).describe('`refs/heads/BRANCH` or `refs/tags/TAG`.'),
    commit: z.string().regex(COMMIT, 'is no commit with all its digits'),
    by: z.string().min(1).max(100).describe('Who has pushed, for the record.'),
    defaultBranch: z.string().max(1_000).exactOptional(),
    paths: z.array(z.string().max(4_096)).max(50_000).exactOptional().describe('All files that were changed.'),
  })
  .meta({ id: 'GenericPush' });

/** Reads what a sender of no forge tells. */
export function toldByGeneric({ repository, ref: text, by, ...push }: z.output<typeof genericPush>): Told {
  const ref = refOf(text);
  if (ref === undefined) return { kind: 'nothing', why: `${nameIn(text)} is neither a branch nor a tag` };
  return { kind: 'push', push: { ...push, ref, repositories: [repository], by: nameIn(by) } };
}
