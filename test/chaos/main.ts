/** `npm run chaos -- --minutes N --seed S`; `--short` is what CI runs, `--mutant NAME` takes a safeguard away first. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SHORT, runChaos } from './chaos.ts';

/** What a build is made of starts sooner, so that more workers can be killed. */
const BUILT = new URL('../../dist/cli/main.js', import.meta.url);

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    every: { type: 'string', default: '2500' },
    lanes: { type: 'string', default: '6' },
    workers: { type: 'string', default: '3' },
    bundles: { type: 'string', default: '20' },
    mutant: { type: 'string' },
    short: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const { seed, minutes, every, lanes, workers, bundles, mutant, short, quiet } = values;
const long = {
  ...{ disturbedMs: Number(minutes) * 60_000, everyMs: Number(every), lanes: Number(lanes) },
  ...{ workers: Number(workers), bundles: Number(bundles) },
};
const write = (line: string): void => void process.stdout.write(`${line}\n`);
write(`seed ${seed}`);
const { violations, figures } = await runChaos({
  seed: Number(seed),
  ...(short ? SHORT : long),
  ...(mutant === undefined ? { program: fileURLToPath(BUILT) } : { mutant }),
  tell: quiet ? () => undefined : write,
});
for (const { what, timeline } of violations) write(['', what, ...timeline.map((line) => `  ${line}`)].join('\n'));
for (const [what, count] of Object.entries(figures)) write(`${String(count).padStart(6)}  ${what}`);
write(violations.length === 0 ? 'nothing broken' : `${violations.length} violations:`);
for (const { what } of violations) write(`  ${what}`);
if (violations.length > 0) {
  write(`once more: npm run chaos -- ${process.argv.slice(2).join(' ')} --seed ${seed}`);
  process.exitCode = 1;
}
