import type { Finding } from './findings.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS, HELM_KEYS } from './keys.ts';

/**
 * Reads an object's wave: `sync-wave`, else Helm's hook weight (also on objects that are no hooks), else 0. A wave that
 * is no integer falls through to the next of these, as in Argo CD, and is reported.
 */
export function readWave(annotations: Annotations): { readonly wave: number; readonly findings: readonly Finding[] } {
  const argo = readInteger('mistake', ARGO_KEYS.wave, annotations);
  if (argo.value !== undefined) return { wave: argo.value, findings: [] };
  const helm = readInteger('notice', HELM_KEYS.weight, annotations);
  return { wave: helm.value ?? 0, findings: [...argo.findings, ...helm.findings] };
}

function readInteger(
  severity: Finding['severity'],
  key: string,
  annotations: Annotations,
): { readonly value?: number; readonly findings: readonly Finding[] } {
  const text = annotations[key];
  if (text === undefined) return { findings: [] };
  const value = atoi(text);
  if (value !== undefined) return { value, findings: [] };
  const message = `${key} has the value ${JSON.stringify(text)}; allowed is one integer such as "-5" or "10", without spaces`;
  return { findings: [{ severity, message }] };
}

/** Go's strconv.Atoi, within the integers that a JSON number holds exactly. */
function atoi(text: string): number | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return undefined;
  return value === 0 ? 0 : value;
}
