import { setFlagsFromString } from 'node:v8';

/** The first Node whose V8 knows the mode; an older one would complain of it. */
const LEAST_NODE = 24;

/**
 * Has V8 collect garbage sooner than grow, for a process that lives long and mostly waits. A server with 100 event streams takes half of the
 * memory then, for half as much processor time again (`npm run bench:api`). V8 looks at the mode each time it decides whether to grow,
 * so it may be set while it runs, unlike its limits of sizes.
 */
export function spareMemory(): void {
  if (Number(process.versions.node.split('.')[0]) >= LEAST_NODE) setFlagsFromString('--memory-saver-mode');
}
