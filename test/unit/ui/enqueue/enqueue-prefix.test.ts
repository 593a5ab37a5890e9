import assert from 'node:assert/strict';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { awsError, s3Object } from '../../../helpers/fakes.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import { enqueueFixture, onEnter, placeNode, row, SEND } from '../../../helpers/ui/enqueue-fixture.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';

const FILM = ['1999/a.mp4', '1999/b.mov', '1999/notes.txt', '2000/c.mp4'];
const FILES = '$(files)';
const FILTER = '$(filter)';

describe('Enqueue Prefix, what and with what', () => {
  it('goes from a row to the review with one Enter, and with another one sends', async () => {
    const made = enqueueFixture(FILM, { 'Nothing has been sent': onEnter });
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    assert.deepEqual(made.questions().slice(0, 2), [
      'What to enqueue, and with what? Nothing is sent before the review',
      'Nothing has been sent yet. Enqueue?',
    ]);
    assert.deepEqual(made.stub.shown[0]?.choices, [
      '$(arrow-right) Review',
      '$(folder) s3://film/1999/',
      '$(gear) Web video, 1080p MP4',
      '$(save) Ittybit’s storage',
    ]);
    assert.deepEqual(made.sent(), ['1999/a.mp4', '1999/b.mov']);
    const [meta] = made.batches.metas.values();
    assert.deepEqual(
      [meta?.bucket, meta?.prefix, meta?.filter, meta?.by],
      ['film', '1999/', undefined, 'user/me'],
    );
  });

  it('lists buckets and folders to choose from, with pins first, and goes up again', async () => {
    const made = enqueueFixture([...FILM, '1999/deep/d.mp4'], {
      'Which bucket': '$(database) film',
      'All files under': [
        row('$(folder) 1999/'),
        BACK_BUTTON,
        row('$(folder) 1999/'),
        row('$(folder) deep/'),
        onEnter,
      ],
    });
    made.stub.settings.set('mediaBatch.pins', ['s3://film/1999/']);
    await enqueuePrefixCommand(made.ui);
    const root = made.stub.shown.find(({ detail }) => detail?.startsWith('Which bucket'));
    assert.deepEqual(root?.choices, [
      '$(pin) s3://film/1999/',
      '$(database) film',
      '$(list-unordered) From a File with Keys…',
    ]);
    const levels = made.stub.shown.filter(({ detail }) => detail?.startsWith('All files under'));
    assert.deepEqual(levels[0]?.choices, [
      '$(check) All files under s3://film/',
      '$(folder) 1999/',
      '$(folder) 2000/',
    ]);
    assert.equal(levels.at(-1)?.picked?.[0], '$(check) All files under s3://film/1999/deep/');
    assert.deepEqual(made.sent(), ['1999/deep/d.mp4']);
  });

  it('takes an address, an ARN and a page of the AWS console, also without the right to list', async () => {
    for (const typed of [
      's3://film/2000/',
      'arn:aws:s3:::film/2000/',
      'https://eu-west-1.console.aws.amazon.com/s3/buckets/film?region=eu-west-1&prefix=2000%2F&tab=objects',
      'https://film.s3.eu-west-1.amazonaws.com/2000/',
    ]) {
      const made = enqueueFixture(FILM, { 'Which bucket': typed });
      made.buckets.before = (request) => {
        if (request === 'ListBuckets') throw awsError('missing-permission');
      };
      await enqueuePrefixCommand(made.ui);
      assert.deepEqual(made.sent(), ['2000/c.mp4'], typed);
    }
  });

  it('takes the beginning of names within a folder, and says what is wrong with an address', async () => {
    const made = enqueueFixture(['reel-1.mp4', 'reel-2.mp4', 'other.mp4'], { 'All files under': 'reel-' });
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(made.sent(), ['reel-1.mp4', 'reel-2.mp4']);
    const wrong = enqueueFixture(FILM, { 'Which bucket': ['https://example.com/x', undefined] });
    await assert.rejects(enqueuePrefixCommand(wrong.ui), { name: 'AbortError' });
    const [, , last] = wrong.stub.shown;
    assert.match(last?.choices[0] ?? '', /\$\(error\) This is no address of S3/);
  });

  it('takes a folder that may not be listed', async () => {
    const made = enqueueFixture(FILM, { 'Which bucket': '$(pin) s3://film/1999/' });
    made.stub.settings.set('mediaBatch.pins', ['s3://film/1999/']);
    made.buckets.before = (request) => {
      if (typeof request !== 'string') throw awsError('missing-permission');
    };
    await enqueuePrefixCommand(made.ui);
    const level = made.stub.shown.find(({ detail }) => detail?.startsWith('All files under'));
    assert.match(level?.items?.[0]?.detail ?? '', /AWS said missing-permission/);
    assert.deepEqual(made.sent(), ['1999/a.mp4', '1999/b.mov']);
  });

  it('takes a row as it is, with any characters in its prefix', async () => {
    const prefix = 'a\u202E\r\n$(x) /';
    const made = enqueueFixture([`${prefix}a.mp4`, 'b.mp4']);
    await enqueuePrefixCommand(made.ui, placeNode('film', prefix));
    assert.equal(made.stub.shown[0]?.choices[1], '$(folder) s3://film/a\\u{202e}\\u{d}\\u{a}\\$(x) /');
    assert.deepEqual(made.sent(), [`${prefix}a.mp4`]);
    assert.match(made.review(), /\\\$\(x\)/, 'no icon of a stranger');
  });

  it('ends on Escape at any question, and sends nothing', async () => {
    const asked = {
      'What to enqueue': undefined,
      'Which bucket': undefined,
      'All files under': undefined,
      'What should Ittybit': undefined,
      'Where the results go': undefined,
      'File extensions': undefined,
      'Only some of these': undefined,
      'Nothing has been sent': undefined,
    };
    const way: Record<string, string> = {
      'What should Ittybit': '$(gear)',
      'Where the results go': '$(save)',
      'File extensions': FILES,
      'Only some of these': FILTER,
    };
    for (const question of Object.keys(asked)) {
      const start = way[question];
      const made = enqueueFixture(FILM, {
        ...(start && { 'Nothing has been sent': row(start) }),
        [question]: undefined,
      });
      await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' }, question);
      assert.ok(made.questions().at(-1)?.startsWith(question), question);
      assert.deepEqual({ sent: made.sent(), batches: made.batches.metas.size }, { sent: [], batches: 0 });
    }
  });

  it('leads back from each question to its screen, and from the review to the first one', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row(FILES), row(FILTER), BACK_BUTTON, SEND],
      'File extensions': BACK_BUTTON,
      'Only some of these': [{ tick: ['Name pattern'] }],
      'Pattern for the rest': ['**/*.mov'],
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    const screens = made.questions().filter((words) => /^(What to|Nothing has)/.test(words));
    assert.deepEqual(
      screens.map((words) => words.slice(0, 7)),
      ['What to', 'Nothing', 'Nothing', 'Nothing', 'What to', 'Nothing'],
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
        'Nothing has been sent': [row(FILTER), SEND],
        'Only some of these': { tick: ['Size', 'Changed since', 'Not yet done'] },
        'Smallest size': ['much', '1 MB'],
        'Largest size': ['1 kB', '2 GB'],
        'Only files that were last changed': ['yesterday', '2026-03-31'],
      },
    );
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(made.sent(), ['right.mp4']);
    assert.deepEqual([...made.batches.metas.values()][0]?.filter, {
      min_size: 1e6,
      max_size: 2e9,
      changed_since: '2026-03-31T00:00:00.000Z',
      not_yet_done: true,
    });
    assert.deepEqual(made.stub.shown.flatMap(({ problem }) => problem || []).length, 3);
  });

  it('refuses an output inside the prefix, and one that every file overwrites, and explains each name', async () => {
    const made = enqueueFixture(FILM, {
      'What to enqueue': [row('$(save)'), onEnter],
      'Where the results go': ['s3://film/1999/out/{stem}.mp4', 's3://out/x.mp4', 's3://out/{stem}.mp4'],
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    const problems = made.stub.shown.flatMap(({ problem }) => problem || []);
    assert.match(problems[0] ?? '', /choose another output prefix/);
    assert.match(problems[1] ?? '', /needs \{key\} or \{stem\}/);
    assert.equal([...made.batches.metas.values()][0]?.job.output, 's3://out/{stem}.mp4');
    const output = made.stub.shown.find(({ detail }) => detail?.startsWith('Where the results go'));
    for (const name of ['{key}', '{stem}', '{ext}', '{bucket}'])
      assert.ok(output?.detail?.includes(name), name);
  });

  it('checks the output while it is typed, and leaves out files that Ittybit would name differently', async () => {
    const typed = ['s3://out/{stem}.mp4', 's3://out/{date}/{stem}.jpg', 's3://out/{stem}.jpg'];
    const made = enqueueFixture(['a/{date}/b.mov', 'c.mov'], {
      'What to enqueue': [onEnter, row('$(gear)'), row('$(save)'), onEnter],
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

  it('begins with the place and the job of the last batch, and ignores stored ones that are not valid', async () => {
    const made = enqueueFixture(FILM, {
      'What to enqueue': [row('$(gear)'), onEnter],
      'What should Ittybit': 'Thumbnail, JPEG',
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', '2000/'));
    const second = enqueueFixture(FILM);
    await enqueuePrefixCommand({ ...second.ui, memory: made.ui.memory });
    const [meta] = second.batches.metas.values();
    assert.deepEqual([meta?.job.kind, meta?.bucket, meta?.prefix], ['image', 'film', '2000/']);
    assert.match(second.stub.shown[0]?.choices[2] ?? '', /^\$\(gear\) As in batch 2/);
    const key = 'mediaBatch.enqueue.last';
    const stored = made.ui.memory.workspace.get<Record<string, object>>(key) ?? {};
    const broken = Object.keys(stored).map((stack) => [
      stack,
      { batch: 'x', job: { kind: 'soup' }, place: 7 },
    ]);
    await made.ui.memory.workspace.update(key, Object.fromEntries(broken));
    const third = enqueueFixture(FILM, { 'What to enqueue': undefined });
    await assert.rejects(enqueuePrefixCommand({ ...third.ui, memory: made.ui.memory }), {
      name: 'AbortError',
    });
    assert.deepEqual(third.stub.shown[0]?.choices, [
      '$(folder) Choose a bucket or prefix…',
      '$(gear) Web video, 1080p MP4',
    ]);
  });

  it('gives the batch a name of its own', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row('$(tag)'), SEND],
      'What the batch is called': ['x'.repeat(81), 'Trailers'],
    });
    await enqueuePrefixCommand(made.ui);
    assert.equal([...made.batches.metas.values()][0]?.name, 'Trailers');
    assert.ok(made.stub.shown.some(({ problem }) => problem === 'A name has at most 80 characters.'));
  });

  it('offers to deploy when there is no stack', async () => {
    const made = enqueueFixture(FILM, { 'There is no stack': 'Deploy Pipeline…' }, { stack: false });
    await enqueuePrefixCommand(made.ui);
    assert.equal(made.stub.executed.at(-1)?.id, 'mediaBatch.deployPipeline');
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

describe('the answers of an enqueue that was left', () => {
  it('are offered the next time, of the same stack only, and gone once it was sent', async () => {
    const made = enqueueFixture(FILM, {
      'Nothing has been sent': [row(FILTER), undefined],
      'Only some of these': { tick: ['Name pattern'] },
      'Pattern for the rest': ['**/*.mov'],
    });
    await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
    const { memory } = made.ui;
    const later = enqueueFixture(FILM, { 'What to enqueue': [row('$(history)'), onEnter] });
    await enqueuePrefixCommand({ ...later.ui, memory });
    assert.deepEqual(later.sent(), ['1999/b.mov']);
    const draft = later.stub.shown[0]?.items?.find(({ label }) => label.startsWith('$(history)'));
    assert.equal(draft?.label, '$(history) The answers that you left just now');
    assert.match(draft.description ?? '', /^s3:\/\/film\/ · video:/);
    const after = enqueueFixture(FILM, { 'What to enqueue': undefined });
    await assert.rejects(enqueuePrefixCommand({ ...after.ui, memory }), { name: 'AbortError' });
    assert.ok(!after.stub.shown[0]?.choices.some((label) => label.startsWith('$(history)')));
  });

  it('stay where the next one is left without an answer, and are read with care', async () => {
    const made = enqueueFixture(FILM, { 'Nothing has been sent': undefined });
    await assert.rejects(enqueuePrefixCommand(made.ui), { name: 'AbortError' });
    const { memory } = made.ui;
    const stored = memory.workspace.get<object>('mediaBatch.enqueue.draft');
    const again = enqueueFixture(FILM, { 'What to enqueue': undefined });
    await assert.rejects(enqueuePrefixCommand({ ...again.ui, memory }), { name: 'AbortError' });
    assert.deepEqual(memory.workspace.get('mediaBatch.enqueue.draft'), stored);
    const broken = Object.keys(stored ?? {}).map((stack) => [
      stack,
      {
        at: 1,
        form: { place: { bucket: '../x', prefix: 1 }, job: [], conditions: 'glob', glob: 7, keys: [1] },
      },
    ]);
    await memory.workspace.update('mediaBatch.enqueue.draft', Object.fromEntries(broken));
    const third = enqueueFixture(FILM, { 'What to enqueue': [row('$(history)'), undefined] });
    await assert.rejects(enqueuePrefixCommand({ ...third.ui, memory }), { name: 'AbortError' });
    assert.deepEqual(third.stub.shown.at(-1)?.choices, [
      '$(folder) Choose a bucket or prefix…',
      '$(gear) Choose a job…',
    ]);
  });
});
