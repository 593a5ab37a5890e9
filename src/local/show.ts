import { groupDeadLetters } from '../app/batch/dead-letter-groups.ts';
import type { DeadLetter } from '../app/batch/dead-letters.ts';
import type { EnqueueProgress } from '../app/batch/enqueue-files.ts';
import type { StackEvent } from '../core/stack/stack-service.ts';
import { visibleText } from '../core/visible-text.ts';
import type { Terminal } from './tools/terminal.ts';

/** Says how a step of a stack ended, in one line. */
export function showEvent(terminal: Terminal, { status, logicalId, type, reason = '' }: StackEvent): void {
  if (status.endsWith('_IN_PROGRESS')) return;
  const line = `   ${status.padEnd(16)} ${logicalId.padEnd(23)} ${type} ${reason}`;
  terminal.line(visibleText(line, terminal.width));
}

/** Says what an enqueue has sent and left out. */
export function showEnqueued(terminal: Terminal, { batch, sent, skipped }: EnqueueProgress): void {
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  terminal.line(`   batch ${batch}: ${sent} files sent, skipped: ${reasons.join(', ') || 'none'}`);
}

/** A table of dead letters by reason. */
export function showDeadLetters(terminal: Terminal, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) {
    terminal.line('   none');
    return;
  }
  // Borders and the column of numbers take 16 characters of a line.
  const reasonWidth = Math.floor((terminal.width - 16) * 0.65);
  const rows = groupDeadLetters(letters).map(({ failureClass, reason, letters: [first, ...more] }) => [
    visibleText(`${failureClass}: ${reason}`, reasonWidth),
    1 + more.length,
    visibleText(first?.file?.key ?? first?.body ?? '', terminal.width - 16 - reasonWidth),
  ]);
  terminal.table(['Reason', 'Files', 'Such as'], rows);
}
