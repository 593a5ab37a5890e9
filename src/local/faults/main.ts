import { parseArgs } from 'node:util';
import { InvalidInputError, isAbort, messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { createTerminal, type Terminal } from '../tools/terminal.ts';
import type { Broken } from './audit.ts';
import { FILE_FAULTS, type FileFault } from './file-faults.ts';
import { runFaults, type FaultOrder, type FaultVerdict } from './run-faults.ts';
import { STACK_TROUBLES, type StackTrouble } from './stack-troubles.ts';

const FILE_NAMES = Object.keys(FILE_FAULTS) as FileFault[];
const STACK_NAMES = Object.keys(STACK_TROUBLES) as StackTrouble[];
/** The session of the user of the local cloud ends after 12 hours, of which so many files take some. */
const MAX_FILES = 20_000;
/** Broken promises that are shown in full. */
const SHOWN = 10;

const HELP = `The real stack on a local cloud while a seed makes things go wrong; then every file must end, paid once.

  npm run faults -- [options]

  --files N      media files in the bucket (default 300)
  --seed S       a whole number; the same one gives the same faults to the same files (default: made up, and printed)
  --share P      percent of the files that have a fault of their own (default 20)
  --faults LIST  only these, separated by commas:
                 ${[...FILE_NAMES, ...STACK_NAMES].join(', ')}
  --settle S     seconds after which a look-up believes that there is no job (default 20; the stack's own: 900)
  --limit S      seconds that the files may take to end once all causes are mended (default 600, or half a second a file)
  --json         the figures as one object on standard output; all else goes to standard error
  --help         this text`;

process.exitCode = await main();

/** @returns the exit code: 0 when every promise was kept, 1 otherwise, 2 for unreadable options, 130 when stopped */
async function main(): Promise<number> {
  const stop = new AbortController();
  const options = readOptions();
  if (typeof options === 'number') return options;
  const terminal = createTerminal(options.json ? process.stderr : process.stdout);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // `on`, not `once`: a second Ctrl+C must not end the clean-up.
    process.on(name, () => {
      stop.abort();
    });
  }
  try {
    const say = (line: string) => {
      terminal.line(visibleText(line, 400));
    };
    const verdict = await runFaults({ ...options.order, signal: stop.signal, say });
    show(terminal, verdict);
    if (options.json) process.stdout.write(`${JSON.stringify(verdict.figures)}\n`);
    return verdict.broken.length === 0 ? 0 : 1;
  } catch (error) {
    terminal.line(isAbort(error) ? 'Stopped.' : `Failed: ${messageOf(error)}`);
    return isAbort(error) ? 130 : 1;
  }
}

interface Options {
  readonly order: Omit<FaultOrder, 'signal' | 'say'>;
  readonly json: boolean;
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        files: { type: 'string', default: '300' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
        share: { type: 'string', default: '20' },
        faults: { type: 'string', default: [...FILE_NAMES, ...STACK_NAMES].join(',') },
        settle: { type: 'string', default: '20' },
        limit: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const names = values.faults.split(',').filter((name) => name !== '');
    const unknown = names.find((name) => ![...FILE_NAMES, ...STACK_NAMES].some((known) => known === name));
    if (unknown !== undefined) throw new InvalidInputError('faults', `There is no fault "${unknown}".`);
    const files = wholeNumber('files', values.files, 1, MAX_FILES);
    return {
      json: values.json,
      order: {
        files,
        seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
        share: wholeNumber('share', values.share, 0, 100) / 100,
        settleSeconds: wholeNumber('settle', values.settle, 5, 900),
        limitMs:
          wholeNumber('limit', values.limit ?? String(Math.max(600, Math.ceil(files / 2))), 1, 20_000) * 1000,
        fileFaults: FILE_NAMES.filter((name) => names.includes(name)),
        stackTroubles: STACK_NAMES.filter((name) => names.includes(name)),
      },
    };
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidInputError(name, `--${name} takes a whole number from ${least} to ${most}.`);
}

function show(terminal: Terminal, { figures, broken }: FaultVerdict): void {
  terminal.heading('Result');
  const rows = Object.entries(figures).map(([name, value]): [string, string | number] => [
    name,
    typeof value === 'number' ? value : JSON.stringify(value).slice(1, -1).replaceAll(',"', ', "'),
  ]);
  terminal.table(['', `seed ${figures.seed}`], rows);
  for (const one of broken.slice(0, SHOWN)) terminal.line(`BROKEN ${describe(one)}`);
  terminal.line(
    broken.length === 0
      ? 'Every promise was kept.'
      : `${broken.length} broken promises: run again with --seed ${figures.seed} --files ${figures.files}.`,
  );
}

/** Everything that is known about the file, as its story can seldom be told from the sentence alone. */
function describe({ promise, what, items, jobs }: Broken): string {
  const lines = [
    ...items.map((item) => `  item ${JSON.stringify(item)}`),
    ...jobs.map((job) => `  job  ${JSON.stringify(job)}`),
  ];
  return [`${promise}: ${what}`, ...lines].join('\n');
}
