/** Thrown at a safe point by work that is to end there: what has begun has ended, and nothing more begins. */
export class EndedEarly extends Error {
  constructor() {
    super('ended at a safe point');
    this.name = 'EndedEarly';
  }
}

/** Waits for work; `undo` is called where it ends before it has begun, so that it is as if nobody had asked for it. Throws what the work throws. */
export async function orEndedEarly<Value>(undo: () => void, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EndedEarly) undo();
    throw error;
  }
}
