/** One condition of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  /** `in` and `present` need the label; `not-in` and `absent` also hold where it is missing, as in Kubernetes. */
  readonly operator: 'in' | 'not-in' | 'present' | 'absent';
  readonly values: readonly string[];
}

/** A selector that was read, or what is wrong with its text, as a clause. */
export type LabelSelector =
  | { readonly kind: 'selector'; readonly requirements: readonly LabelRequirement[] }
  | { readonly kind: 'malformed'; readonly problem: string };

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const SET_BASED = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY_BASED = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/;
const EXISTENCE = /^(!?)\s*([^=!\s()]+)$/;

/**
 * Reads a label selector as kubectl does: requirements joined by commas, each `key=value`, `key==value`, `key!=value`,
 * `key in (a,b)`, `key notin (a,b)`, `key` or `!key`. All of them must hold.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements: LabelRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = requirementIn(part.trim());
    if (typeof requirement === 'string') return { kind: 'malformed', problem: requirement };
    requirements.push(requirement);
  }
  return { kind: 'selector', requirements };
}

/** Tells whether labels meet every requirement. */
export function labelsMeet(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'in':
        return value !== undefined && values.includes(value);
      case 'not-in':
        return value === undefined || !values.includes(value);
      case 'present':
        return value !== undefined;
      case 'absent':
        return value === undefined;
    }
  });
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/);
}

function requirementIn(part: string): LabelRequirement | string {
  const [, setKey, setOperator, members] = SET_BASED.exec(part) ?? [];
  if (setKey !== undefined && members !== undefined) {
    const values = members.split(',').map((member) => member.trim());
    return checked({ key: setKey, operator: setOperator === 'in' ? 'in' : 'not-in', values });
  }
  const [, key, sign, value] = EQUALITY_BASED.exec(part) ?? [];
  if (key !== undefined && value !== undefined) {
    return checked({ key, operator: sign === '!=' ? 'not-in' : 'in', values: [value] });
  }
  const [, not, named] = EXISTENCE.exec(part) ?? [];
  if (named !== undefined) return checked({ key: named, operator: not === '!' ? 'absent' : 'present', values: [] });
  return part === '' ? 'a requirement is empty' : `${JSON.stringify(part)} is no requirement`;
}

function checked(requirement: LabelRequirement): LabelRequirement | string {
  if (!KEY.test(requirement.key)) return `${JSON.stringify(requirement.key)} is no label key`;
  const wrong = requirement.values.find((value) => !VALUE.test(value));
  return wrong === undefined ? requirement : `${JSON.stringify(wrong)} is no label value`;
}
