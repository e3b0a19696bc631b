import { z } from 'zod';
import { FAILURE_TYPES } from '../../../core/failures.ts';
import { PHASES } from '../../../core/phases.ts';

/** Milliseconds since 1970. */
export const moment = z.number().int().meta({ id: 'Moment', description: 'Milliseconds since 1970.' });

/** A name as Kubernetes has it for labels and namespaces; an application's may have 50 characters. */
export const label = (length: number) =>
  z
    .string()
    .max(length)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** A text of a person, short enough for a record. */
export const shortText = z.string().trim().min(1).max(2_000);

/** A phase's name. */
export const phase = z.enum(PHASES).meta({ id: 'Phase' });

/** Names an object of the cluster. */
export const objectRef = z
  .object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional(),
    name: z.string(),
  })
  .meta({ id: 'ObjectRef' });

/** A failure of the catalogue. */
export const failure = z
  .object({
    type: z.enum(FAILURE_TYPES),
    message: z.string(),
    remedy: z.string().exactOptional(),
    object: z.string().exactOptional().describe('The object concerned, as `Kind ns/name`.'),
    location: z.string().exactOptional().describe('File and line of the manifest.'),
  })
  .meta({ id: 'Failure' });

/** An RFC 9457 problem. */
export const problem = z
  .object({
    type: z.string().describe('`urn:syncline:problem:` and the name of the problem.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z
      .string()
      .describe('`urn:syncline:request:` and the ID of the request, which stands in the server’s log.'),
    remedy: z.string().exactOptional(),
    failures: z.array(failure).exactOptional().describe('All that is wrong, as the command tells it.'),
    fields: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .exactOptional()
      .describe('What is wrong with the request, field by field.'),
  })
  .meta({ id: 'Problem' });
