/** What a concatenation goes through, so that the prelude says how numbers become text. */
export const JOIN = '__syncline_join';

/** The escapes that Lua 5.1 knows; it reads any other `\c` as `c`, where 5.4 refuses the script. */
const ESCAPES = /^[abfnrtv\\"'\n\r0-9]$/;

/**
 * Turns a Lua 5.1 script, as Argo CD's engine reads it, into one for Lua 5.4 that says the same, line by line: `a .. b`
 * becomes `a ..JOIN.. b` (both operators have one precedence and group to the right, so the meaning stays), and escapes
 * that 5.1 lets pass lose their backslash. Strings, comments and numbers are left alone. Any text may be given.
 */
export function toLua54(script: string): string {
  let out = '';
  let at = 0;
  while (at < script.length) {
    const token = tokenAt(script, at);
    at += token.length;
    out += rewritten(token);
  }
  return out;
}

/** Comments, long strings, strings, numbers and names are tokens; anything else is one of one character, dots aside. */
function tokenAt(script: string, at: number): string {
  const long = /(?:--)?\[(=*)\[/y;
  long.lastIndex = at;
  const opening = long.exec(script);
  if (opening !== null) {
    const end = script.indexOf(`]${opening[1] ?? ''}]`, long.lastIndex);
    return script.slice(at, end < 0 ? undefined : end + 2 + (opening[1] ?? '').length);
  }
  const token =
    /--[^\n]*|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|0[xX][\da-fA-F.]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|\.\.\.|\.\.|[^]/y;
  token.lastIndex = at;
  return token.exec(script)?.[0] ?? '';
}

function rewritten(token: string): string {
  if (token === '..') return `..${JOIN}..`;
  if (!token.startsWith('"') && !token.startsWith("'")) return token;
  return token.replace(/\\([^])/g, (escape: string, character: string) =>
    ESCAPES.test(character) ? escape : character,
  );
}
