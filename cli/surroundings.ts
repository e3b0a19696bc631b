import { createInterface } from 'node:readline/promises';
import type { Console } from './console.ts';
import { styleOf } from './render/style.ts';

/** The console of this process. Colour and repainting are for terminals alone, and for none where `NO_COLOR`, `CI` or `--no-color` is given. */
export function consoleOf(process: NodeJS.Process, interrupted: AbortSignal): Console {
  const { stdout, stderr, env } = process;
  const able = stdout.isTTY && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  const color = able && !isSet(env['NO_COLOR']) && !process.argv.includes('--no-color');
  return {
    print: (text) => void stdout.write(`${text}\n`),
    tell: (text) => void stderr.write(`${text}\n`),
    stdin: process.stdin,
    ...(stdout.isTTY && process.stdin.isTTY ? { ask: (question) => askAt(process, question, interrupted) } : {}),
    env,
    screen: able ? stdout : undefined,
    width: () => (stdout.isTTY ? Math.max(20, stdout.columns) : 100),
    style: styleOf(color),
    interrupted,
    now: Date.now,
  };
}

async function askAt(process: NodeJS.Process, question: string, interrupted: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question, { signal: interrupted });
  } finally {
    terminal.close();
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
