import { renderedName } from '../rendered-name.ts';
import type { SourceFile } from '../source-text.ts';

const SOURCE = /^# Source: (.+)$/;

/**
 * Takes what `helm template` prints apart by the `# Source:` comment of each document, in the order of their first
 * appearance. A file's lines are those that `helm template --show-only` prints for that template, which its name says.
 */
export function splitTemplates(rendered: string): readonly SourceFile[] {
  const texts = new Map<string, string[]>();
  const lines = rendered.split('\n');
  let current: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    const source = line === '---' ? SOURCE.exec(lines[at + 1] ?? '')?.[1] : undefined;
    if (source !== undefined) {
      current = texts.get(source) ?? [];
      texts.set(source, current);
    }
    current?.push(line);
  }
  return [...texts].map(([source, text]) => ({ file: renderedName(source), text: `${text.join('\n')}\n` }));
}
