/**
 * The regular expression of a glob over paths with `/`. As in Argo CD's `directory.include` and `exclude`, `*` and `**`
 * both stand for any characters, `/` among them; `?` for one; `[a-z]` and `[!a-z]` for one of a set; `{a,b}` for
 * alternatives; a backslash takes the next character as it is. Undefined where a bracket is not closed.
 */
export function globExpression(glob: string): RegExp | undefined {
  let source = '';
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const letter = glob.charAt(at);
    switch (letter) {
      case '*':
        if (!source.endsWith('.*')) source += '.*';
        break;
      case '?':
        source += '.';
        break;
      case '[': {
        const end = glob.indexOf(']', at + 2);
        if (end === -1) return undefined;
        source += characterSet(glob.slice(at + 1, end));
        at = end;
        break;
      }
      case '{':
        braces++;
        source += '(?:';
        break;
      case '}':
        if (--braces < 0) return undefined;
        source += ')';
        break;
      case ',':
        source += braces > 0 ? '|' : ',';
        break;
      case '\\':
        at++;
        source += escaped(glob.charAt(at));
        break;
      default:
        source += escaped(letter);
    }
  }
  return braces === 0 ? new RegExp(`^${source}$`, 's') : undefined;
}

function characterSet(letters: string): string {
  const negated = letters.startsWith('!') || letters.startsWith('^');
  const set = (negated ? letters.slice(1) : letters).replace(/[\\\]^]/g, '\\$&');
  return `[${negated ? '^' : ''}${set}]`;
}

function escaped(letter: string): string {
  return letter.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
