import pc from 'picocolors';

/** Puts emphasis on text; each function gives its text back unchanged where colour is off. No colour carries a meaning alone. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** The style of a stream: with colour or without. */
export function styleOf(color: boolean): Style {
  const { bold, dim, red, green, yellow, cyan } = pc.createColors(color);
  return { bold, dim, red, green, yellow, cyan };
}
