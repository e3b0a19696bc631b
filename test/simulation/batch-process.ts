import type { Batch } from './batch.ts';
import { runBatch } from './batch.ts';

// A refused request is an everyday event here, and a stack trace costs more than the request.
Error.stackTraceLimit = 0;

/** A process of its own for a batch: the batch comes as its argument, its progress and its result go to its parent. */
const batch = JSON.parse(process.argv[2] ?? '{}') as Batch;
const result = await runBatch(batch, (progress) => process.send?.({ progress }));
process.send?.({ result });
