import cliProgress from 'cli-progress';
import Table from 'cli-table3';
import { visibleText } from '../../core/visible-text.ts';

/** What the main job shows while it runs: lines, bars and tables on one stream. */
export interface Terminal {
  /** characters in a line; 120 when the stream is not a terminal */
  readonly width: number;
  line(text?: string): void;
  heading(text: string): void;
  /** Shows a bar while `work` runs. */
  bar<Result>(title: string, total: number, work: (update: BarUpdate) => Promise<Result>): Promise<Result>;
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
}

export type BarUpdate = (done: number, detail: string) => void;

/** characters of a bar */
const BAR = 16;

/**
 * @param stream standard output, or standard error where standard output carries JSON
 */
export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const line = (text = '') => void stream.write(`${text}\n`);
  // Its type says that every stream has columns, but a pipe has none.
  const width = (stream as { columns?: number }).columns ?? 120;
  return {
    width,
    line,
    heading: (text) => {
      line();
      line(stream.isTTY ? `\u001b[1m${text}\u001b[22m` : `== ${text}`);
    },
    bar: (title, total, work) => withBar(stream, width, title, total, work),
    table: (head, rows) => {
      const noLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
      const table = new Table({ head: [...head], chars: noLines, style: { head: [], border: [] } });
      table.push(...rows.map((row) => [...row]));
      line(table.toString());
    },
  };
}

async function withBar<Result>(
  stream: NodeJS.WriteStream,
  width: number,
  title: string,
  total: number,
  work: (update: BarUpdate) => Promise<Result>,
): Promise<Result> {
  const bar = new cliProgress.SingleBar({
    format: `   ${title.padEnd(10)} {bar} {value}/{total} {detail}`,
    barCompleteChar: '=',
    barIncompleteChar: '-',
    barsize: BAR,
    hideCursor: true,
    stream,
    // Without a terminal (CI, a pipe) the bar is a line every two seconds.
    noTTYOutput: true,
    notTTYSchedule: 2000,
    gracefulExit: false,
  });
  const room = width - BAR - 30;
  bar.start(total, 0, { detail: '' });
  try {
    return await work((done, detail) => {
      bar.update(done, { detail: visibleText(detail, room) });
    });
  } finally {
    // A bar that is not stopped keeps its timer, which keeps the process running.
    bar.stop();
  }
}
