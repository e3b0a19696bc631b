import type { ResolvedScalar } from './scalars.ts';
import { resolvePlainScalar } from './scalars.ts';

const PREFIX = 'tag:yaml.org,2002:';

/**
 * Reads a scalar that carries an explicit YAML tag, as go-yaml v2 does: `!!str` keeps the text, `!!int`, `!!float`,
 * `!!bool` and `!!null` must fit it. Other tags are a problem: Kubernetes would ignore them in silence.
 */
export function taggedScalar(tag: string, text: string): Pick<ResolvedScalar, 'value' | 'problem'> {
  const name = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : tag;
  if (name === 'str' || name === 'timestamp' || name === '!') return { value: text };
  if (name !== 'int' && name !== 'float' && name !== 'bool' && name !== 'null') {
    return { value: null, problem: `the tag ${tag.startsWith(PREFIX) ? `!!${name}` : tag} is not known` };
  }
  const resolved = resolvePlainScalar(text);
  const fits = resolved.type === name || (name === 'float' && resolved.type === 'int');
  return fits ? resolved : { value: null, problem: `the value does not fit its tag !!${name}` };
}
