import { Composer, LineCounter, Parser } from 'yaml';
import type { Failure } from '../failures.ts';
import type { Json } from '../json.ts';
import { convertDocument } from './conversion.ts';

/** What follows when a template was given where rendered manifests are expected. */
export const TEMPLATE_REMEDY =
  'this looks like a template: give the chart or overlay that renders it, not the template itself';

/** One document of a file. */
export interface SourceDocument {
  readonly value: Json;
  readonly file: string;
  /** Line at which the document's value begins, from 1. */
  readonly line: number;
  /** Line at which an object inside the document begins; the document's own line for anything else. */
  readonly lineOf: (object: Json | undefined) => number;
}

/**
 * Reads the documents of one YAML or JSON text. Empty documents (nothing, comments or null) are left out. Every document
 * that can't be read gives an `InvalidManifest` failure with file and line, and reading goes on with the next.
 */
export function readDocuments(
  file: string,
  text: string,
): { readonly documents: readonly SourceDocument[]; readonly failures: readonly Failure[] } {
  const documents: SourceDocument[] = [];
  const failures: Failure[] = [];
  const lines = new LineCounter();
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
  const remedy = text.includes('{{') ? TEMPLATE_REMEDY : undefined;
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    const syntaxError = document.errors[0];
    if (syntaxError !== undefined) {
      failures.push(invalid(file, lineAt(syntaxError.pos[0]), syntaxMessage(syntaxError.message), remedy));
      continue;
    }
    const { value, problems, offsetOf } = convertDocument(document);
    failures.push(
      ...problems.map((found) => invalid(file, lineAt(found.offset), found.message, remedy ?? found.remedy)),
    );
    if (value === null || problems.length > 0) continue;
    const line = lineAt(document.contents?.range[0] ?? 0);
    documents.push({ value, file, line, lineOf: (object) => lineOrElse(offsetOf(object), lineAt, line) });
  }
  return { documents, failures };
}

function lineOrElse(offset: number | undefined, lineAt: (offset: number) => number, line: number): number {
  return offset === undefined ? line : lineAt(offset);
}

function invalid(file: string, line: number, reason: string, remedy: string | undefined): Failure {
  return {
    type: 'InvalidManifest',
    message: `The document can't be read: ${reason}.`,
    location: `${file}:${line}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** The parser's words without what it cites from the file after a colon, which may be a Secret's value. */
function syntaxMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'it is nested too deeply';
  return message.replace(/(?<! ): .*$/s, '').replace(/\.$/, '');
}
