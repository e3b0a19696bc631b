import type { Json } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/**
 * A JSON value as a Lua expression: objects and arrays become plain tables, arrays count from 1, and null is nil, so that it
 * leaves no hole in an array, as in Argo CD. Whole numbers become integers where Lua can hold them exactly.
 */
export function luaLiteral(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return luaString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return luaNumber(value);
  if (isJsonObject(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
    return `{${fields.map(([key, field]) => `[${luaString(key)}]=${luaLiteral(field)}`).join(',')}}`;
  }
  const items = value.filter((item) => item !== null);
  return `{${items.map((item, index) => `[${String(index + 1)}]=${luaLiteral(item)}`).join(',')}}`;
}

function luaNumber(value: number): string {
  if (Number.isSafeInteger(value)) return `(${String(value)})`;
  return Number.isFinite(value) ? `(${value.toExponential()})` : '(0/0)';
}

/** Only what could end the literal, or be read as something else, is escaped; the text goes over as UTF-8. */
function luaString(text: string): string {
  const escaped = text.replaceAll(/[\u0000-\u001f"\\\u007f]/g, (character) => {
    return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
  });
  return `"${escaped}"`;
}
