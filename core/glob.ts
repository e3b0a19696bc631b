/**
 * A pattern of a shell's kind as a regular expression that a whole text must match: `*` and `**` (any characters), `?` (one
 * of them), `[abc]`, `[!abc]`, `{a,b}`, and `\` before what is meant as it stands. Unless `acrossSlash`, `*`, `?` and `[!…]`
 * end at a slash. Brackets that are not closed stand for themselves.
 */
export function globPattern(pattern: string, acrossSlash: boolean): RegExp {
  const any = acrossSlash ? '[^]' : '[^/]';
  const parts = pattern.match(/\\[^]|\*+|\[!?[^\]]+\]|\{[^{}]*\}|[^]/g) ?? [];
  return new RegExp(`^${parts.map((part) => expression(part, any)).join('')}$`);
}

function expression(part: string, any: string): string {
  if (part.startsWith('*')) return `${any}*`;
  if (part === '?') return any;
  if (part.length > 1 && part.startsWith('\\')) return literal(part.slice(1));
  if (part.length > 2 && part.startsWith('[')) return characterClass(part.slice(1, -1), any);
  if (part.length > 1 && part.startsWith('{')) {
    const choices = part.slice(1, -1).split(',');
    return `(?:${choices.map((choice) => globPattern(choice, any === '[^]').source.slice(1, -1)).join('|')})`;
  }
  return literal(part);
}

function characterClass(inner: string, any: string): string {
  const negated = inner.startsWith('!');
  const characters = (negated ? inner.slice(1) : inner).replaceAll(/[\\^[\]]/g, '\\$&');
  return negated ? `(?!/)[^${characters}]`.replace(any === '[^]' ? '(?!/)' : '', '') : `[${characters}]`;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
