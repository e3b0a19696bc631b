/** Runs tasks one after the other, in the order they are given; one that fails does not stop the next. */
export interface Turns {
  take<T>(task: () => Promise<T>): Promise<T>;
}

/** Makes a queue for tasks that must not overlap. */
export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(task) {
      const turn = last.then(task);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
