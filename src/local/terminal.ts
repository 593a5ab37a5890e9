import cliProgress from 'cli-progress';
import Table from 'cli-table3';

/** What the main job shows while it runs: lines, bars and tables on one stream. */
export interface Terminal {
  line(text?: string): void;
  heading(text: string): void;
  /** Shows a bar while `work` runs. @param total 0 where it is not known yet */
  bar<Result>(title: string, total: number, work: (update: BarUpdate) => Promise<Result>): Promise<Result>;
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
}

export type BarUpdate = (done: number, detail: string, total?: number) => void;

/**
 * @param stream standard output, or standard error where standard output carries JSON
 */
export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const line = (text = '') => void stream.write(`${text}\n`);
  return {
    line,
    heading: (text) => {
      line();
      line(stream.isTTY ? `\u001b[1m${text}\u001b[22m` : `== ${text}`);
    },
    bar: (title, total, work) => withBar(stream, title, total, work),
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
  title: string,
  total: number,
  work: (update: BarUpdate) => Promise<Result>,
): Promise<Result> {
  const bar = new cliProgress.SingleBar({
    format: `   ${title.padEnd(10)} {bar} {value}/{total} {detail}`,
    barCompleteChar: '=',
    barIncompleteChar: '-',
    barsize: 24,
    hideCursor: true,
    stream,
    // Without a terminal (CI, a pipe) a line every two seconds says the same.
    noTTYOutput: true,
    notTTYSchedule: 2000,
    gracefulExit: false,
  });
  bar.start(total, 0, { detail: '' });
  try {
    return await work((done, detail, newTotal) => {
      if (newTotal !== undefined) bar.setTotal(newTotal);
      bar.update(done, { detail });
    });
  } finally {
    // A bar that is not stopped keeps its timer, and the process with it.
    bar.stop();
  }
}

/**
 * A name from outside as a terminal may show it: no control characters, not longer than a line.
 * @param max longest result, in characters
 */
export function printable(text: string, max = 80): string {
  const clean = text.replace(/\p{C}/gu, '\uFFFD');
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
}
