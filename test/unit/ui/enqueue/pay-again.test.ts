import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { FileFilter } from '../../../../src/core/files/file-filter.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { earlierBatchRows } from '../../../../src/ui/enqueue/earlier-batch.ts';
import { BATCHES } from '../../../../src/ui/enqueue/enqueue-facts.ts';
import { payAgainRows } from '../../../../src/ui/enqueue/pay-again.ts';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import {
  enqueueFixture,
  metaOf,
  onEnter,
  row,
  SEND,
  type Script,
} from '../../../helpers/ui/enqueue-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const FILM = ['1999/a.mp4', '1999/b.mov', '2000/c.mp4'];
const FORM = { place: { bucket: 'film', prefix: '1999/' }, job: DEFAULT_JOB_OPTIONS };
const PAY = '$(credit-card) Pay again for files that are done…';
const OTHER_JOB = { kind: 'image', options: {} } as const;

/** The prefix was enqueued before with the same job. */
function second(script: Script = {}) {
  const made = enqueueFixture(FILM, script);
  made.batches.metas.set('b', metaOf('b', { prefix: '1999/' }));
  return made;
}

describe('the same prefix again', () => {
  it('takes only what is not done with Enter, and says so', async () => {
    const made = second({ 'Nothing has been sent': onEnter });
    const owner = { batch: 'b', bucket: 'film', key: '1999/a.mp4', status: 'succeeded', kind: 'video' };
    made.batches.items = [owner] as ResultItem[];
    await enqueuePrefixCommand(made.ui);
    assert.match(made.review(), /Enqueue 2 files \| .*1 done or under way/);
    assert.match(made.review(), /Take What Is Done, Too… \| 1 files are done or under way, and left out/);
    assert.ok(!made.review().includes('Pay again'));
    const [, meta] = [...made.batches.metas.values()];
    assert.deepEqual([meta?.filter, made.sent()], [{ not_yet_done: true }, ['1999/b.mov', '2000/c.mp4']]);
  });

  it('takes what is done, too, once it is asked for, and says what becomes of it', async () => {
    const made = second({ 'Nothing has been sent': [row('$(history)'), onEnter] });
    const owner = { batch: 'b', bucket: 'film', key: '1999/a.mp4', status: 'succeeded', kind: 'video' };
    made.batches.items = [owner] as ResultItem[];
    await enqueuePrefixCommand(made.ui);
    assert.match(
      made.review(),
      /\$\(info\) An earlier batch of Nov 23, 2026 has this prefix \| .* ends as covered and costs nothing/,
    );
    assert.match(made.review(), /Pay again for files that are done… \| off/);
    assert.ok(!made.review().includes('$(warning)'));
    const [, meta] = [...made.batches.metas.values()];
    assert.deepEqual([meta?.again, meta?.filter, made.sent().length], [undefined, undefined, 3]);
  });

  it('is paid again only after a question of its own, with the number of files', async () => {
    const made = second({ 'Nothing has been sent': [row('$(filter)'), PAY], 'Pay for all': 'Pay Again' });
    await enqueuePrefixCommand(made.ui);
    const question = made.stub.shown.find(({ modal }) => modal);
    assert.equal(question?.text, 'Pay for all 3 files, also for those that are done?');
    assert.match(question.detail ?? '', /^Account 111122223333.*\n\nIttybit charges for each of them/);
    const [, meta] = [...made.batches.metas.values()];
    assert.deepEqual([meta?.again, made.sent().length], [true, 3]);
  });

  it('leads back to the review where that question is closed, with nothing sent', async () => {
    const made = second({
      'Nothing has been sent': [row('$(filter)'), PAY, undefined],
      'Pay for all': undefined,
    });
    await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
    assert.equal(made.questions().filter((words) => words.startsWith('Nothing has been sent')).length, 3);
    assert.deepEqual([made.sent(), made.batches.metas.size], [[], 1]);
  });

  it('says at least where counting was stopped, and names a single file as one', async () => {
    const objects = Array.from({ length: 3_000 }, (_, index) => `f${String(index).padStart(4, '0')}.mp4`);
    const script = { 'Nothing has been sent': [row('$(filter)'), PAY, undefined], 'Pay for': undefined };
    const many = enqueueFixture(objects, script);
    many.batches.metas.set('b', metaOf('b'));
    many.buckets.before = (request) => {
      // The second dry run, after the conditions were changed.
      if (request !== 'list film/ 2000' || many.stub.progress.length < 4) return;
      many.stub.cancel();
      many.buckets.before = () => undefined;
    };
    await assert.rejects(enqueuePrefixCommand(many.ui), { name: 'AbortError' });
    const one = enqueueFixture(['a.mp4'], script);
    one.batches.metas.set('b', metaOf('b'));
    await assert.rejects(enqueuePrefixCommand(one.ui), { name: 'AbortError' });
    assert.deepEqual(
      [many, one].map((made) => made.stub.shown.find(({ modal }) => modal)?.text),
      [
        'Pay for all files, also for those that are done? There are at least 1,000.',
        'Pay for this 1 file, even if it is done?',
      ],
    );
  });

  it('is told from another job, and waiting files from those that are left out', () => {
    const { vs } = fixture().ui;
    const known = { batches: [metaOf('b')], waiting: 3, paysOnce: true };
    const words = (facts: Partial<typeof known>, filter: FileFilter = {}): string =>
      earlierBatchRows(vs, { ...known, ...facts }, FORM, filter)
        .map(({ label, detail }) => `${label} | ${detail}`)
        .join('\n');
    assert.match(
      words({ batches: [metaOf('b', { job: OTHER_JOB })] }),
      /another job, so these are new results/,
    );
    assert.match(words({ batches: [metaOf('x', { job: OTHER_JOB }), metaOf('b')] }), /ends as covered/);
    assert.equal(words({ batches: [metaOf('b', { prefix: '2000/' }), metaOf('c', { bucket: 'tape' })] }), '');
    assert.match(
      words({}, { not_yet_done: true }),
      /still wait in the queue are sent as well \| Each is paid once/,
    );
    assert.equal(words({ waiting: 0 }, { not_yet_done: true }), '');
    assert.equal(words({ batches: [metaOf('b', { job: OTHER_JOB })] }, { not_yet_done: true }), '');
  });

  it('is still paid again by a stack of an older template, and then said to be', async () => {
    const made = second({ 'Nothing has been sent': [row('$(filter)'), SEND] });
    made.fake.stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    await enqueuePrefixCommand(made.ui);
    assert.match(
      made.review(),
      /\$\(warning\) An earlier batch .* would be paid again \| .*tick "Not yet done"/,
    );
    assert.ok(!made.review().includes('Pay again'));
    const { vs } = fixture().ui;
    const old = { batches: [metaOf('b')], waiting: 3, paysOnce: false };
    const [warning] = earlierBatchRows(vs, old, FORM, { not_yet_done: true });
    assert.match(warning?.detail ?? '', /would be paid again: wait/);
  });

  it('can be paid again only where a file may be done', () => {
    const { vs } = fixture().ui;
    const offers = (batches: ReturnType<typeof metaOf>[] | undefined, filter: FileFilter = {}): boolean =>
      payAgainRows(vs, { batches, paysOnce: true }, FORM, filter).length > 0;
    assert.equal(offers([]), false);
    assert.equal(offers([metaOf('b')]), true);
    assert.equal(offers([metaOf('b', { job: OTHER_JOB })]), false);
    assert.equal(offers([metaOf('b')], { not_yet_done: true }), false);
    assert.equal(offers(undefined), true, 'nobody knows');
    const many = Array.from({ length: BATCHES }, (_, index) => metaOf(`b${index}`, { bucket: 'tape' }));
    assert.equal(offers(many), true, 'there may be more');
    assert.equal(offers(many.slice(1)), false);
  });
});
