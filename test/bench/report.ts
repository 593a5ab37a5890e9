import { cpus, totalmem } from 'node:os';
import { format } from 'prettier';
import type { Case } from './cases.ts';
import type { Played } from './play-case.ts';

/** All rounds of a case. */
export interface Measured {
  readonly wanted: Case;
  readonly played: readonly Played[];
}

const BAR = 40;
const GB = 1024 ** 3;

/** @returns results.md: the figures, the tables and the charts */
export async function report(measured: readonly Measured[], now: Date): Promise<string> {
  const [cpu] = cpus();
  const loads = measured.flatMap(({ played }) => played.map(({ load }) => load));
  const text = [
    '# How fast an enqueue is',
    '`npm run bench` writes this file. Each run is a process of its own and works with the code as it ships, against a process on the same machine that answers as S3, SQS and DynamoDB after a set round trip, and counts the keys that arrive. The rounds of all cases are interleaved; figures are medians. The guide’s script is `guide-script.ts`.',
    `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / GB)} GB, Node ${process.version}. Load of the machine after the runs: ${rounded(Math.min(...loads))} to ${rounded(Math.max(...loads))}. Above the number of its cores, the processes of the bench share them with others, and seconds say less than ratios.`,
    '## Figures',
    table(['figure', 'aim', 'measured'], figures(measured)),
    '## Runs',
    '_Limit_: the time that the connections which carry sends need at least, each with one call a round trip. Before an enqueue, its thread has started and read one object, as the editor’s review does; its memory counts. _CPU_, _memory_ (above idle) and _block_ (the longest of the thread that the editor’s extension host would be) are of the contestant’s process.',
    table(
      [
        'case',
        'world',
        'rounds',
        's',
        'limit s',
        'share',
        'requests',
        'connections',
        'CPU s',
        'MB',
        'block ms',
      ],
      measured.map(rowOf),
    ),
    '## Seconds for 50,000 keys',
    chart([
      ...scaled(measured, 'guide 30 ms', 'guide, 30 ms'),
      ...['ours 30 ms', '2 % failed', 'nested', 'one per prefix', 'ours 10 ms', 'ours 100 ms'].flatMap(
        (name) => scaled(measured, name, name),
      ),
    ]),
    '## How cost grows with size',
    table(
      ['case', 'keys', 's for each 1,000 keys', 'CPU ms for each 1,000 keys', 'MB above idle'],
      ['guide 1,000', 'guide 2,500', 'guide 30 ms', 'ours 1,000', 'ours 30 ms', 'ours 1,000,000'].flatMap(
        (name) => growth(measured, name),
      ),
    ),
  ].join('\n\n');
  return format(text, { parser: 'markdown', printWidth: 200, proseWrap: 'never' });
}

type Row = readonly string[];

function figures(measured: readonly Measured[]): readonly Row[] {
  const seconds = (name: string) => secondsOf(measured, name);
  const of50 = (name: string) => per(measured, name, 50_000);
  const million = find(measured, 'ours 1,000,000');
  const blocks = measured
    .filter(({ wanted }) => wanted.who === 'ours')
    .map((each) => median(each, (p) => p.run.longestBlock));
  const share = (name: string): string => percent(shareOf(find(measured, name)));
  return [
    [
      '50,000 keys at 30 ms: times the guide’s script',
      '≥ 40',
      rounded(of50('guide 30 ms') / seconds('ours 30 ms')),
    ],
    ['… at 10 ms', '', rounded(of50('guide 10 ms') / seconds('ours 10 ms'))],
    ['… at 100 ms', '', rounded(of50('guide 100 ms') / seconds('ours 100 ms'))],
    ['share of the limit of its connections at 30 ms', '≥ 85 %, or the cores', share('ours 30 ms')],
    ['share at 100 ms', '≥ 85 %', share('ours 100 ms')],
    ['CPU used of the cores at 30 ms, by the contestant alone', '', cores(find(measured, 'ours 30 ms'))],
    ...['30 ms', '10 ms'].map((trip): Row => [
      `the cores busy at ${trip}, with all processes`,
      '',
      busy(find(measured, `ours ${trip}`)),
    ]),
    [
      '2 % Failed: times its own time without',
      '≤ 1.15',
      rounded(seconds('2 % failed') / seconds('ours 30 ms'), 2),
    ],
    ['1,000,000 keys: MB above idle', '≤ 80', million ? rounded(median(million, memory), 0) : 'not measured'],
    [
      'longest block of the host’s thread, ms',
      '≤ 20',
      blocks.length > 0 ? rounded(Math.max(...blocks), 0) : '',
    ],
    ['from a cancel midway to the end, ms', '≤ 200', rounded(1_000 * seconds('cancel'), 0)],
    [
      '“not yet done” of 50,000: times the plain dry run',
      '≤ 2',
      rounded(seconds('not yet done') / seconds('dry run'), 2),
    ],
  ];
}

function rowOf(each: Measured): Row {
  const { wanted, played } = each;
  const requests = median(each, ({ arrivals }) =>
    Object.values(arrivals.requests).reduce((sum, n) => sum + n, 0),
  );
  const limit = limitOf(each);
  return [
    ...[wanted.name, wanted.about, String(played.length), rounded(median(each, seconds), 2)],
    ...(limit === undefined ? ['', ''] : [rounded(limit, 2), percent(shareOf(each))]),
    ...[requests.toLocaleString('en'), String(median(each, ({ arrivals }) => arrivals.connections))],
    ...[
      rounded(
        median(each, ({ run }) => run.cpuSeconds),
        2,
      ),
      rounded(median(each, memory), 0),
    ],
    rounded(
      median(each, ({ run }) => run.longestBlock),
      0,
    ),
  ];
}

function growth(measured: readonly Measured[], name: string): readonly Row[] {
  const each = find(measured, name);
  if (!each) return [];
  const { keys } = each.wanted.world;
  const cpu = median(each, ({ run }) => run.cpuSeconds);
  return [
    [
      ...[name, keys.toLocaleString('en'), rounded((median(each, seconds) / keys) * 1_000, 3)],
      ...[rounded((cpu / keys) * 1e6, 0), rounded(median(each, memory), 0)],
    ],
  ];
}

const seconds = ({ run }: Played): number => run.seconds;
const memory = ({ run }: Played): number => run.peakMb - run.idleMb;

/** Only sends count: the calls that it needs at least, over the connections that carry them. */
function limitOf({ wanted, played }: Measured): number | undefined {
  const { who, world } = wanted;
  if (who !== 'guide' && who !== 'ours') return undefined;
  const senders = median({ wanted, played }, ({ arrivals }) => arrivals.senders);
  return ((world.keys / 10 / senders) * world.roundTrip) / 1_000;
}

function shareOf(each: Measured | undefined): number {
  return each ? (limitOf(each) ?? 0) / median(each, seconds) : Number.NaN;
}

function cores(each: Measured | undefined): string {
  return each
    ? `${rounded(
        median(each, ({ run }) => run.cpuSeconds / run.seconds),
        2,
      )} of ${cpus().length}`
    : '';
}

function busy(each: Measured | undefined): string {
  return each ? percent(median(each, ({ run }) => run.busy)) : '';
}

function find(measured: readonly Measured[], name: string): Measured | undefined {
  return measured.find(({ wanted }) => wanted.name === name);
}

function secondsOf(measured: readonly Measured[], name: string): number {
  const each = find(measured, name);
  return each ? median(each, seconds) : Number.NaN;
}

/** @returns the seconds for so many keys, in proportion */
function per(measured: readonly Measured[], name: string, keys: number): number {
  const each = find(measured, name);
  return each ? (secondsOf(measured, name) / each.wanted.world.keys) * keys : Number.NaN;
}

function scaled(measured: readonly Measured[], name: string, label: string): readonly [string, number][] {
  const value = per(measured, name, 50_000);
  return Number.isNaN(value) ? [] : [[label, value]];
}

function median({ played }: Measured, value: (played: Played) => number): number {
  const sorted = played.map(value).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function chart(values: readonly (readonly [string, number])[]): string {
  const most = Math.max(...values.map(([, value]) => value));
  const lines = values.map(
    ([label, value]) =>
      `${label.padEnd(15)} ${'█'.repeat(Math.max(1, Math.round((value / most) * BAR)))} ${rounded(value)} s`,
  );
  return ['```text', ...lines, '```'].join('\n');
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function rounded(value: number, digits = 1): string {
  return Number.isNaN(value) ? 'not measured' : value.toFixed(digits);
}
