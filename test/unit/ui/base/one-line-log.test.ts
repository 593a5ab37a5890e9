import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { oneLineLog } from '../../../../src/ui/base/one-line-log.ts';

describe('the log', () => {
  it('has a line for each event, whatever foreign text is in it', () => {
    const lines: string[] = [];
    const write = (level: string) => (text: string) => void lines.push(`${level}: ${text}`);
    let shown = 0;
    const levels = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    // The editor's own channel may be frozen.
    const channel = Object.freeze({ ...levels, show: () => void (shown += 1) });
    const log = oneLineLog(channel as unknown as vscode.LogOutputChannel);
    log.info('12 sent');
    log.error('TypeError: x\n    at f (a.ts:1:2)\r\n    at g\n  caused by Error: deeper');
    log.warn('a\u2028[error] forged\u202e\u001b[2J');
    log.debug('x'.repeat(20_000));
    log.show();
    assert.deepEqual(lines.slice(0, 3), [
      'info: 12 sent',
      'error: TypeError: x at f (a.ts:1:2) at g caused by Error: deeper',
      'warn: a [error] forged\\u{202e}\\u{1b}[2J',
    ]);
    assert.ok((lines[3]?.length ?? 0) <= 10_007);
    assert.equal(shown, 1);
  });
});
