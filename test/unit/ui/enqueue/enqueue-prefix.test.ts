import assert from 'node:assert/strict';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { awsError, s3Object } from '../../../helpers/fakes.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import { stubMemento } from '../../../helpers/ui/vscode-stub-basics.ts';
import { enqueueFixture, metaOf, placeNode } from '../../../helpers/ui/enqueue-fixture.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';

const FILM = ['1999/a.mp4', '1999/b.mov', '1999/notes.txt', '2000/c.mp4'];
const PAUSED = {
  state: 'paused',
  reason: 'token_invalid $(key) (HTTP 401)',
  at: undefined,
  epoch: 0,
} as const;

describe('Enqueue Prefix, asking', () => {
  it('takes a typed address instead of a pin or bucket', async () => {
    const made = enqueueFixture(FILM, { 'Which bucket': 's3://film/2000/' });
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(made.stub.shown[1]?.choices, ['s3://film/2000/']);
    assert.deepEqual(made.sent(), ['2000/c.mp4']);
  });

  it('asks everything from the palette, with pins and buckets to choose from', async () => {
    const made = enqueueFixture(FILM, { 'Which bucket': '$(pin) s3://film/1999/' });
    made.stub.settings.set('mediaBatch.pins', ['s3://film/1999/']);
    await enqueuePrefixCommand(made.ui);
    const [first, address] = made.stub.shown;
    assert.deepEqual(first?.choices, [
      '$(pin) s3://film/1999/',
      '$(edit) Type an S3 address…',
      '$(database) film',
    ]);
    assert.deepEqual(address?.choices, ['s3://film/1999/']);
    assert.deepEqual(made.sent(), ['1999/a.mp4', '1999/b.mov']);
    assert.deepEqual(
      [...made.batches.metas.values()].map(({ bucket, prefix, filter }) => [bucket, prefix, filter]),
      [['film', '1999/', undefined]],
    );
  });

  it('takes a typed address without the right to list buckets', async () => {
    const made = enqueueFixture(FILM, {
      'Which bucket': '$(edit) Type an S3 address…',
      'Every file whose address': ['s3://', 's3://film/2000/'],
    });
    made.buckets.before = (request) => {
      if (request === 'ListBuckets') throw awsError('missing-permission');
    };
    await enqueuePrefixCommand(made.ui);
    assert.match(made.stub.shown[2]?.problem ?? '', /is not a bucket name/);
    assert.deepEqual(made.sent(), ['2000/c.mp4']);
  });

  it('takes a row as it is, with any characters in its prefix', async () => {
    const prefix = 'a\u202E\r\n$(x) /';
    const made = enqueueFixture([`${prefix}a.mp4`, 'b.mp4']);
    await enqueuePrefixCommand(made.ui, placeNode('film', prefix));
    assert.ok(!made.questions().some((words) => words.startsWith('Which bucket')));
    assert.deepEqual(made.stub.shown[0]?.choices, ['s3://film/a\\u{202e}\\u{d}\\u{a}$(x) /']);
    assert.deepEqual(made.sent(), [`${prefix}a.mp4`]);
    assert.match(made.review(), /\\\$\(x\)/, 'no icon of a stranger');
  });

  it('ends on Escape at any question, and sends nothing', async () => {
    for (const question of [
      'Which bucket',
      'Every file whose address',
      'What should Ittybit',
      'Where the results go',
      'File extensions',
      'Only some of these',
      'Nothing has been sent',
    ]) {
      const made = enqueueFixture(FILM, { [question]: undefined });
      await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' }, question);
      assert.ok(made.questions().at(-1)?.startsWith(question));
      assert.deepEqual({ sent: made.sent(), batches: made.batches.metas.size }, { sent: [], batches: 0 });
    }
  });

  it('goes back question by question, from the review too, and keeps the answers', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [
        BACK_BUTTON,
        ({ choices }) => choices.find((label) => label.includes('Enqueue')),
      ],
      'Only some of these': [{ tick: ['Name pattern'] }, BACK_BUTTON, { tick: ['Name pattern'] }],
      'Pattern for the rest': ['**/*.mov', BACK_BUTTON, '*/b.*'],
      'File extensions': ['mov, .MP4', ({ choices }) => choices[0]],
    });
    await enqueuePrefixCommand(made.ui);
    const extensions = made.stub.shown.filter(({ detail }) => detail?.startsWith('File extensions'));
    assert.deepEqual(
      extensions.map(({ choices }) => choices[0]?.slice(0, 8)),
      ['mp4, mov', 'mov, mp4'],
    );
    assert.deepEqual(made.sent(), ['1999/b.mov']);
  });

  it('asks about each condition that is ticked, and refuses answers that are not valid', async () => {
    const day = new Date('2026-04-01');
    const made = enqueueFixture(
      [
        s3Object('old.mp4', { size: 2e6, lastModified: new Date(0) }),
        s3Object('small.mp4', { size: 10, lastModified: day }),
        s3Object('large.mp4', { size: 9e9, lastModified: day }),
        s3Object('right.mp4', { size: 2e6, lastModified: day }),
      ],
      {
        'Only some of these': { tick: ['Size', 'Changed since', 'Not yet done'] },
        'Smallest size': ['much', '1 MB'],
        'Largest size': ['1 kB', '2 GB'],
        'Only files that were last changed': ['yesterday', '2026-03-31'],
      },
    );
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(made.sent(), ['right.mp4']);
    assert.ok(!made.questions().some((words) => words.startsWith('Pattern')));
    assert.deepEqual([...made.batches.metas.values()][0]?.filter, {
      min_size: 1e6,
      max_size: 2e9,
      changed_since: '2026-03-31T00:00:00.000Z',
      not_yet_done: true,
    });
    assert.deepEqual(made.stub.shown.flatMap(({ problem }) => problem || []).length, 3);
  });

  it('refuses an output inside the prefix, and one that every file overwrites', async () => {
    const made = enqueueFixture(FILM, {
      'Where the results go': ['s3://film/1999/out/{stem}.mp4', 's3://out/x.mp4', 's3://out/{stem}.mp4'],
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    const problems = made.stub.shown.flatMap(({ problem }) => problem || []);
    assert.match(problems[0] ?? '', /choose another output prefix/);
    assert.match(problems[1] ?? '', /needs \{key\} or \{stem\}/);
    assert.equal([...made.batches.metas.values()][0]?.job.output, 's3://out/{stem}.mp4');
  });

  it('explains every name that an output can have', async () => {
    const made = enqueueFixture(FILM);
    await enqueuePrefixCommand(made.ui);
    const output = made.stub.shown.find(({ detail }) => detail?.startsWith('Where the results go'));
    for (const name of ['{key}', '{stem}', '{ext}', '{bucket}'])
      assert.ok(output?.detail?.includes(name), name);
  });

  it('checks the output while it is typed, and leaves out files that Ittybit would name differently', async () => {
    const typed = ['s3://out/{stem}.mp4', 's3://out/{date}/{stem}.jpg', 's3://out/{stem}.jpg'];
    const made = enqueueFixture(['a/{date}/b.mov', 'c.mov'], {
      'What should Ittybit': 'Thumbnail, JPEG',
      'Where the results go': typed,
    });
    await enqueuePrefixCommand(made.ui);
    const problems = made.stub.shown.flatMap(({ problem }) => problem || []);
    assert.match(problems[0] ?? '', /"s3:\/\/out\/\{stem\}\.mp4" must end in \.jpg or \.jpeg/);
    assert.match(problems[1] ?? '', /Ittybit replaces others, such as \{date\}/);
    assert.deepEqual(made.sent(), ['c.mov']);
    assert.match(made.review(), /1 with braces in the key, which Ittybit would replace in the output/);
  });

  it('offers the job of the last batch, and ignores a stored one that is not valid', async () => {
    const made = enqueueFixture(FILM, {
      'What should Ittybit': [
        'Thumbnail, JPEG',
        ({ choices }) => choices.find((label) => label.startsWith('As in')),
      ],
    });
    await enqueuePrefixCommand(made.ui);
    const second = enqueueFixture(FILM, {
      'What should Ittybit': ({ choices }) => choices.find((label) => label.startsWith('As in batch 2')),
    });
    const { workspace } = made.ui.memory;
    await enqueuePrefixCommand({ ...second.ui, memory: made.ui.memory });
    assert.equal([...second.batches.metas.values()][0]?.job.kind, 'image');
    await workspace.update('mediaBatch.lastJob', { batch: 'x', job: { kind: 'soup' } });
    const third = enqueueFixture(FILM, { 'What should Ittybit': undefined });
    const memory = { workspace, global: stubMemento() };
    await assert.rejects(enqueuePrefixCommand({ ...third.ui, memory }), { name: 'AbortError' });
    assert.ok(third.stub.shown.at(-1)?.choices.every((label) => !label.startsWith('As in')));
  });

  it('offers to deploy when there is no stack', async () => {
    const made = enqueueFixture(FILM, { 'There is no stack': 'Deploy Pipeline…' }, { stack: false });
    await enqueuePrefixCommand(made.ui);
    assert.equal(made.stub.executed.at(-1)?.id, 'mediaBatch.deployPipeline');
  });
});

describe('Enqueue Prefix, reviewing', () => {
  it('says how many, how large, how long and what AWS charges, before anything is sent', async () => {
    const objects = Array.from({ length: 12_345 }, (_, index) => s3Object(`f${index}.mp4`, { size: 1e8 }));
    const made = enqueueFixture([...objects, 'x.txt', 'y.txt', s3Object('e.mp4', { size: 0 })], {
      'Nothing has been sent': ['$(list-unordered) Show Details', undefined],
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
    assert.equal([...review.matchAll(/\$\(file\) f/g)].length, 5);
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
    const made = enqueueFixture(files, { 'Where the results go': 's3://out/{stem}.mp4' });
    await enqueuePrefixCommand(made.ui);
    assert.match(
      made.review(),
      /^\$\(warning\) 3 files left out: same output as another \| a\/clip\.mov and a\/clip\.mxf would both become s3:\/\/out\/a\/clip\.mp4: with \{key\} or \{ext\} in the output, both are taken\.$/m,
    );
    assert.match(made.review(), /Enqueue 3 files \| .*skipped: 3 with the same output as another file/);
    assert.deepEqual(made.sent(), ['a/clip.mov', 'a/other.mov', 'b/x.mkv']);
    const apart = enqueueFixture(files, { 'Where the results go': 's3://out/{stem}-{ext}.mp4' });
    await enqueuePrefixCommand(apart.ui);
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
      'Only some of these': [{ tick: [] }, undefined],
    });
    await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
    const nothing = made.stub.shown.find(({ detail }) => detail === 'There is nothing to enqueue');
    assert.equal(
      nothing?.items?.[0]?.detail,
      'Nothing to enqueue among the 1 objects under s3://film/: 1 not media.',
    );
  });

  it('shows the review without the parts that are denied', async () => {
    const made = enqueueFixture(FILM);
    made.batches.list = () => Promise.reject(awsError('missing-permission'));
    made.connection.session.services.dispatch.mapping = () => Promise.reject(awsError('missing-permission'));
    await enqueuePrefixCommand(made.ui);
    assert.match(made.review(), /\$\(clock\) time unknown/);
    assert.equal(made.sent().length, 3);
  });

  it('shows an error of the listing as it is', async () => {
    const buckets = new MemoryBuckets({ film: FILM });
    buckets.before = (request) => {
      if (typeof request === 'string' && request.startsWith('list ')) throw awsError('unreachable');
    };
    const made = enqueueFixture([], {}, { buckets });
    await assert.rejects(enqueuePrefixCommand(made.ui), { code: 'unreachable' });
  });
});
