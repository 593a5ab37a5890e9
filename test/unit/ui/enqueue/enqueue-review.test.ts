import assert from 'node:assert/strict';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { s3Object } from '../../../helpers/fakes.ts';
import { awsError } from '../../../helpers/ui/connection-fixture.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import {
  enqueueFixture,
  metaOf,
  onEnter,
  placeNode,
  row,
  SEND,
} from '../../../helpers/ui/enqueue-fixture.ts';

const FILM = ['1999/a.mp4', '1999/b.mov', '1999/notes.txt', '2000/c.mp4'];
const PAUSED = {
  state: 'paused',
  reason: 'token_invalid $(key) (HTTP 401)',
  at: undefined,
  epoch: 0,
} as const;

describe('Enqueue Prefix, reviewing', () => {
  it('says how many, how large, how long and what AWS charges, before anything is sent', async () => {
    const objects = Array.from({ length: 12_345 }, (_, index) => s3Object(`f${index}.mp4`, { size: 1e8 }));
    const made = enqueueFixture([...objects, 'x.txt', 'y.txt', s3Object('e.mp4', { size: 0 })], {
      'Nothing has been sent': undefined,
    });
    made.batches.metas.set('b', metaOf('b', { prefix: 'elsewhere/' }));
    made.batches.metas.set('c', metaOf('c', { bucket: 'tape' }));
    made.watch.last = {
      problems: {},
      busy: true,
      throughput: { filesPerSecond: 4.1, secondsLeft: undefined },
      pipeline: { at: Date.now() } as never,
    };
    made.queues.depth = async () => ({ waiting: 900, inFlight: 100, delayed: 0 });
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', 'f')), { name: 'AbortError' });
    const review = made.review();
    assert.match(
      review,
      /\$\(run-all\) Enqueue 12,345 files \| 1.23 TB \| of 12,345 objects under s3:\/\/film\/f/,
    );
    assert.match(
      review,
      /about 54 min \| at the present rate \(about 4.1 files\/s\), after the 1,000 files that wait already/,
    );
    assert.match(review, /AWS: about \$0\.1\d \| .*Ittybit charges each file on top/);
    assert.match(review, /\$\(cloud\) media-batch \| Account 111122223333/);
    assert.equal([...review.matchAll(/\$\(file\) f\d+\.mp4 \| → Ittybit’s storage/g)].length, 3);
    assert.ok(!review.includes('$(warning)'));
    assert.deepEqual(made.sent(), []);
  });

  it('refuses more than the queue can keep until its turn comes, and says what to do', async () => {
    const DAY = 86_400;
    for (const [waiting, isOffered] of [
      [9 * DAY, true],
      [20 * DAY, false],
    ] as const) {
      const made = enqueueFixture(FILM, { 'Nothing has been sent': undefined });
      const throughput = { filesPerSecond: 1, secondsLeft: undefined };
      made.watch.last = { problems: {}, busy: true, throughput, pipeline: { at: Date.now() } as never };
      made.queues.depth = async () => ({ waiting, inFlight: 0, delayed: 0 });
      await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
      const review = made.review();
      assert.equal(/\$\(run-all\) Enqueue/.test(review), isOffered);
      assert.equal(/\$\(error\) 3 files are too many at once: 20 d\b/.test(review), !isOffered);
      assert.equal(/at most 10 days of work may wait in it\. Tune the throughput/.test(review), !isOffered);
    }
  });

  it('names the skipped files, and uses the tuning when no rate was measured', async () => {
    const made = enqueueFixture([...FILM, 'dir/']);
    await enqueuePrefixCommand(made.ui);
    assert.match(made.review(), /of 5 objects under s3:\/\/film\/ \(skipped: 1 not media, 1 folder marker\)/);
    assert.match(
      made.review(),
      /\$\(clock\) less than 1 min \| at the present tuning; longer if your Ittybit plan is slower/,
    );
    assert.match(made.review(), /AWS: less than \$0.01/);
  });

  it('lists what is left out, by reason', async () => {
    const many = Array.from({ length: 120 }, (_, index) => `${index}.txt`);
    const made = enqueueFixture([...FILM, ...many, '._a.mp4'], {
      'Nothing has been sent': [row('$(list-flat)'), SEND],
      'What is left out': onEnter,
    });
    await enqueuePrefixCommand(made.ui);
    const list = made.stub.shown.find(({ detail }) => detail?.startsWith('What is left out'));
    const labels = list?.choices ?? [];
    assert.ok(labels.includes('121 not media') && labels.includes('and 21 more'));
    assert.deepEqual(labels.slice(0, 2), ['1 sidecar of a system, file server or camera', '._a.mp4']);
  });

  it('shows where each example goes, and counts anew after another answer', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row('$(save)'), SEND],
      'Where the results go': 's3://out/{bucket}/{key}.mp4',
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    assert.match(made.review(), /\$\(file\) 1999\/a\.mp4 \| → s3:\/\/out\/film\/1999\/a\.mp4\.mp4/);
    assert.equal(made.buckets.asked.filter((asked) => asked === 'list film/1999/ 0').length, 3);
  });

  it('does not count again for a name, or for an answer that stays as it is', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row('$(tag)'), row('$(save)'), SEND],
      'What the batch is called': 'Rushes',
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    // Once for the dry run, and once to send.
    assert.equal(made.buckets.asked.filter((asked) => asked === 'list film/1999/ 0').length, 2);
    assert.deepEqual(
      [...made.batches.metas.values()].map(({ name }) => name),
      ['Rushes'],
    );
  });

  it('warns of a pause, and of a first batch', async () => {
    const paused = enqueueFixture(FILM, {}, { dispatch: PAUSED });
    await enqueuePrefixCommand(paused.ui);
    assert.match(paused.review(), /Dispatch is paused: .* \| token_invalid \\\$\(key\) \(HTTP 401\)/);
    const dispatch = { ...PAUSED, at: '2026-11-23T15:00:00.000Z', by: 'consumer' };
    const since = enqueueFixture(FILM, {}, { dispatch });
    await enqueuePrefixCommand(since.ui);
    assert.match(since.review(), /\(HTTP 401\) · Since .*2026.*, by the consumer\./);
    assert.match(paused.review(), /first batch of this stack: is its Ittybit API key set\?/);
  });

  it('names two files that would share an output, and how many are left out', async () => {
    const files = ['a/clip.mov', 'a/clip.mxf', 'a/other.mov', 'b/x.mkv', 'b/x.mov', 'b/x.mp4'];
    const output = (text: string) =>
      enqueueFixture(files, {
        'What to enqueue': [row('$(save)'), onEnter],
        'Where the results go': text,
      });
    const made = output('s3://out/{stem}.mp4');
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    assert.match(
      made.review(),
      /^\$\(warning\) 3 files left out: same output as another \| a\/clip\.mov and a\/clip\.mxf would both become s3:\/\/out\/a\/clip\.mp4: with \{key\} or \{ext\} in the output, both are taken\.$/m,
    );
    assert.match(made.review(), /Enqueue 3 files \| .*skipped: 3 with the same output as another file/);
    assert.deepEqual(made.sent(), ['a/clip.mov', 'a/other.mov', 'b/x.mkv']);
    const apart = output('s3://out/{stem}-{ext}.mp4');
    await enqueuePrefixCommand(apart.ui, placeNode('film', ''));
    assert.ok(!apart.review().includes('same output'));
    assert.equal(apart.sent().length, 6);
  });

  it('can stop counting and still enqueue', async () => {
    const objects = Array.from({ length: 3_000 }, (_, index) => `f${String(index).padStart(4, '0')}.mp4`);
    const made = enqueueFixture(objects);
    made.buckets.before = (request) => {
      if (request !== 'list film/ 2000' || made.stub.progress.length !== 1) return;
      made.stub.cancel();
      made.buckets.before = () => undefined;
    };
    await enqueuePrefixCommand(made.ui);
    assert.match(
      made.review(),
      /Enqueue at least 1,000 files \| .* of the first 1,000 objects .*counting was stopped/,
    );
    assert.equal(made.sent().length, 3_000);
  });

  it('leads back to the answers when nothing would be sent', async () => {
    const made = enqueueFixture(['x.txt'], {
      'There is nothing to enqueue': '$(arrow-left) Change the Answers',
      'What to enqueue': [onEnter, onEnter, undefined],
    });
    await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
    const nothing = made.stub.shown.find(({ detail }) => detail === 'There is nothing to enqueue');
    assert.equal(
      nothing?.items?.[0]?.detail,
      'Nothing to enqueue among the 1 objects under s3://film/: 1 not media.',
    );
    assert.deepEqual(nothing.picked, ['$(arrow-left) Change the Answers']);
  });

  it('shows the review without the parts that are denied', async () => {
    const made = enqueueFixture(FILM);
    made.batches.list = () => Promise.reject(awsError('missing-permission'));
    made.connection.session.services.dispatch.mapping = () => Promise.reject(awsError('missing-permission'));
    await enqueuePrefixCommand(made.ui);
    assert.match(made.review(), /\$\(clock\) time unknown/);
    assert.equal(made.sent().length, 3);
  });

  it("shows Ittybit's cost at the user's own rate only, and remembers the rate", async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row('$(credit-card) Ittybit'), row('$(credit-card) Ittybit'), SEND],
      'What you pay Ittybit': ['much', '$2.50 per file', BACK_BUTTON],
    });
    await enqueuePrefixCommand(made.ui);
    const reviews = made.stub.shown.filter(({ detail }) => detail?.startsWith('Nothing has been sent'));
    const words = reviews.map(({ items = [] }) => items.find(({ label }) => label.includes('Ittybit:')));
    assert.equal(words[0]?.label, '$(credit-card) Ittybit: type your rate…');
    assert.deepEqual(
      [words[1]?.label, words[1]?.description],
      ['$(credit-card) Ittybit: about $7.50', 'at your rate, $2.5 per file'],
    );
    assert.deepEqual(words[2], words[1]);
    assert.equal(made.ui.memory.global.get('mediaBatch.enqueue.rate'), '$2.50 per file');
  });
});
