/** Thrown at a safe point by work that is to end there: what has begun has ended, and nothing more begins. */
export class EndedEarly extends Error {
  constructor() {
    super('ended at a safe point');
    this.name = 'EndedEarly';
  }
}
