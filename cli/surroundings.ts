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
    env,
    screen: able ? stdout : undefined,
    width: () => (stdout.isTTY ? Math.max(20, stdout.columns) : 100),
    style: styleOf(color),
    interrupted,
    now: Date.now,
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
