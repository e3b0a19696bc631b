/** How many requests one activity has under way at a time. */
export const CONCURRENCY = 16;

/** The items for which a test, asked of one after the other, answers true, in their order. */
export async function filtered<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const passing: T[] = [];
  for (const item of items) if (await test(item)) passing.push(item);
  return passing;
}

/**
 * Maps items with at most `limit` calls under way and answers the results in the items' order. After a rejection or an
 * abort no further call is begun; the promise rejects with the first reason once the calls under way have ended, so that
 * nothing goes on behind the caller's back.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  map: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const broken: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && broken.length === 0) {
      const index = next;
      next += 1;
      try {
        signal.throwIfAborted();
        results[index] = await map(items[index] as T, index);
      } catch (error) {
        broken.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (broken.length > 0) throw broken[0];
  return results;
}
