import assert from 'node:assert/strict';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { resumeEnqueueCommand } from '../../../../src/ui/enqueue/resume-enqueue.ts';
import { stopEnqueueCommand } from '../../../../src/ui/enqueue/stop-enqueue.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { awsError } from '../../../helpers/fakes.ts';
import {
  enqueueFixture,
  metaOf,
  type EnqueueFixture,
  type Script,
} from '../../../helpers/ui/enqueue-fixture.ts';

const FILES = Array.from({ length: 3_000 }, (_, index) => `f${String(index).padStart(4, '0')}.mp4`);

/** Sends FILES; `midway` runs once, when the second page has been sent and the third is asked for. */
function interrupted(midway: (made: EnqueueFixture) => void, script: Script = {}): EnqueueFixture {
  const made = enqueueFixture(FILES, script);
  let done = false;
  made.batches.beforeSave = ({ sent }) => {
    if (sent < 2_000 || done) return;
    done = true;
    midway(made);
  };
  return made;
}

/** The row of the only batch, as the Batches view gives it. */
function batchRow({ batches }: EnqueueFixture): ViewNode {
  const [batch = ''] = batches.metas.keys();
  return { id: batch, label: batch, tokens: [], data: { batch } };
}

function isComplete(made: EnqueueFixture): boolean {
  const sent = new Set(made.sent());
  return FILES.every((key) => sent.has(key));
}

describe('an enqueue under way', () => {
  it('shows its progress, also in the Batches view, and ends with its result', async () => {
    const made = enqueueFixture(FILES, { '3,000 files are in the queue': 'Show Batches' });
    const seen: (number | undefined)[] = [];
    made.ui.enqueues.onChange(() => seen.push([...made.ui.enqueues.all.values()][0]?.progress.sent));
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(seen, [1_000, 2_000, 3_000, undefined]);
    assert.match(made.stub.progress.at(-1) ?? '', /^sent 3,000 of about 3,000(, [\d,]+ files\/s)?$/);
    assert.equal(made.stub.shown.at(-1)?.text, '3,000 files are in the queue, of 3,000 objects.');
    assert.equal(made.stub.executed.at(-1)?.id, 'mediaBatch.batches.focus');
    assert.equal(made.stub.context.get('mediaBatch.hasBatches'), true);
    assert.ok(made.watch.refreshes > 0);
  });

  for (const [how, midway] of [
    [
      'Cancel of its notification',
      (made: EnqueueFixture) => {
        made.stub.cancel();
      },
    ],
    ['Stop Enqueue', (made: EnqueueFixture) => void stopEnqueueCommand(made.ui, batchRow(made))],
    ['Stop Enqueue from the palette', (made: EnqueueFixture) => void stopEnqueueCommand(made.ui)],
  ] as const) {
    it(`leaves a batch to resume on ${how}, and offers it`, async () => {
      const made = interrupted(midway, { 'Stopped after': 'Resume' });
      const id = 'mediaBatch.resumeEnqueue';
      made.ui.vs.commands.registerCommand(id, (node: ViewNode) => resumeEnqueueCommand(made.ui, node));
      await enqueuePrefixCommand(made.ui);
      const stopped = made.stub.shown.find(({ text }) => text.startsWith('Stopped after'));
      assert.deepEqual(stopped?.choices, ['Resume', 'Show Batches']);
      assert.equal(made.stub.executed.find((command) => command.id === id)?.args.length, 1);
      assert.equal(made.ui.enqueues.all.size, 0);
      assert.ok(isComplete(made));
      assert.equal(made.batches.metas.size, 1);
    });
  }

  it('says how the network failed, and can be resumed from the palette', async () => {
    const made = interrupted(
      () => {
        throw awsError('unreachable');
      },
      { 'Resume Enqueue': 's3://film/' },
    );
    await enqueuePrefixCommand(made.ui);
    const error = made.stub.shown.at(-1);
    assert.equal(error?.kind, 'error');
    assert.match(error.text, /^Stopped after \d+ files: AWS said unreachable\. Resume batch /);
    assert.deepEqual(error.choices, ['Resume', 'Show Batches']);
    await resumeEnqueueCommand(made.ui);
    const [question] = made.stub.shown.filter(({ text }) => text === 'Resume Enqueue');
    assert.deepEqual(question?.choices, ['s3://film/']);
    assert.ok(isComplete(made));
  });

  it('shows a [link](command:evil) in a reason as plain text', async () => {
    const made = interrupted(() => {
      throw awsError('aws', '[x](command:evil)');
    });
    made.batches.beforeSave = () => {
      throw new Error('[x](command:evil)');
    };
    await enqueuePrefixCommand(made.ui);
    assert.ok(!made.stub.shown.at(-1)?.text.includes(']('));
  });

  it('says where to find its batch when it is stopped before a page is confirmed', async () => {
    const made = enqueueFixture(FILES);
    made.queues.refuse = () => {
      made.stub.cancel();
      return [];
    };
    await enqueuePrefixCommand(made.ui);
    assert.match(made.stub.shown.at(-1)?.text ?? '', /^Stopped\. If files were sent already/);
  });
});

describe('Stop and Resume Enqueue without a batch', () => {
  it('say that there is no enqueue', async () => {
    const made = enqueueFixture(FILES);
    await stopEnqueueCommand(made.ui);
    await resumeEnqueueCommand(made.ui);
    assert.deepEqual(
      made.stub.shown.map(({ text }) => text),
      ['No enqueue runs in this window.', 'There is no unfinished enqueue.'],
    );
  });

  it('ask which one, and resume no batch that this window is sending', async () => {
    const made = enqueueFixture(FILES, {});
    const stopped: string[] = [];
    for (const batch of ['b1', 'b2']) {
      made.batches.metas.set(batch, metaOf(batch));
      made.ui.enqueues.set(batch, {
        progress: { batch, listed: 0, sent: 7, skipped: {} },
        stop: () => stopped.push(batch),
      });
    }
    await assert.rejects(stopEnqueueCommand(made.ui), { name: 'AbortError' });
    assert.deepEqual(made.stub.shown.at(-1)?.choices, ['b1', 'b2']);
    assert.deepEqual(stopped, []);
    await resumeEnqueueCommand(made.ui, { id: 'b1', label: '', tokens: [], data: { batch: 'b1' } });
    assert.equal(made.stub.shown.at(-1)?.text, 'This window is already sending that batch.');
    await resumeEnqueueCommand(made.ui);
    assert.equal(made.stub.shown.at(-1)?.text, 'There is no unfinished enqueue.');
  });
});
