import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import type { BatchFile } from '../../../../src/core/files/batch-file.ts';
import type { JobAnswer } from '../../../../src/core/batch/job-answer.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { findFileCommand } from '../../../../src/ui/batches/find-file.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { FakeReconciler } from '../../../helpers/fake-control.ts';
import { stored } from '../../../helpers/stored-items.ts';
import { batchNode, marksFixture, type GivenBatch } from '../../../helpers/ui/batch-marks.ts';
import type { Script } from '../../../helpers/ui/enqueue-fixture.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import type { Shown } from '../../../helpers/ui/vscode-stub.ts';

const ASKED = 'Part of a name';
const FOUND = 'Choose a file';
const pickOf =
  (words: string) =>
  ({ choices }: Shown): string | undefined =>
    choices.find((label) => label.includes(words));

function bench(
  script: Script,
  items: readonly Partial<ResultItem>[],
  batches: Readonly<Record<string, GivenBatch>> = { b1: { sent: 0 } },
) {
  const made = marksFixture(script, batches);
  made.batches.items = items.map((change) =>
    stored(change.status ?? 'failed', { batch: 'b1', bucket: 'film', key: '1999/a.mp4', ...change }),
  );
  const requests: string[] = [];
  for (const name of ['list', 'read', 'resultsOf', 'results'] as const) {
    const ask = made.batches[name].bind(made.batches) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(made.batches, { [name]: (...args: unknown[]) => (requests.push(name), ask(...args)) });
  }
  const did: unknown[] = [];
  const places = {
    documents: {
      openResult: async ({ batch, bucket, key }: BatchFile) => void did.push({ batch, bucket, key }),
    },
    revealSource: async ({ key }: { key: string }) => void did.push(`source ${key}`),
    revealBatch: async (batch: string) => void did.push(`batch ${batch}`),
  };
  const run = (node?: Parameters<typeof findFileCommand>[2]) => findFileCommand(made.ui, places, node);
  const lastItems = (words: string): readonly vscode.QuickPickItem[] =>
    made.stub.shown.findLast(({ detail = '' }) => detail.includes(words))?.items ?? [];
  return { ...made, requests, did, run, lastItems };
}

function reconcilerOf({ fake }: Pick<ReturnType<typeof bench>, 'fake'>): FakeReconciler {
  const { reconciler } = fake.services;
  assert.ok(reconciler instanceof FakeReconciler);
  return reconciler;
}

const meta = (change: Partial<BatchMeta>): Pick<GivenBatch, 'meta'> => ({ meta: change });

describe('Find File', () => {
  it('finds an object by its address with one query, says why it failed, and opens its result', async () => {
    const { run, did, stub, requests } = bench(
      { [ASKED]: 's3://film/1999/a.mp4', '1999/a.mp4': pickOf('Open Result') },
      [{ error: 'cannot\nread $(zap) it' }, { key: '1999/b.mp4' }],
    );
    await run();
    assert.deepEqual(did, [{ batch: 'b1', bucket: 'film', key: '1999/a.mp4' }]);
    assert.deepEqual(requests, ['list', 'resultsOf']);
    const last = stub.shown.at(-1);
    assert.equal(last?.detail, '1999/a.mp4 · Failed · cannot\\u{a}read $(zap) it');
    assert.match(last.items?.[0]?.detail ?? '', /^Failed, .*2026.* · cannot\\u\{a\}read \\\$\(zap\) it$/);
    assert.deepEqual(last.choices, [
      '$(json) Open Result',
      '$(list-ordered) Reveal Batch in Batches',
      '$(database) Reveal Source in Buckets',
    ]);
  });

  it('lists each batch of a file, and comes back to the list', async () => {
    const { run, did, lastItems } = bench(
      {
        [ASKED]: 'https://film.s3.eu-west-1.amazonaws.com/1999/a.mp4',
        '2 batches have': [pickOf('a.mp4'), pickOf('a.mp4')],
        '1999/a.mp4': [BACK_BUTTON, pickOf('Reveal Batch')],
      },
      [
        { batch: 'b1', status: 'succeeded', output_url: 's3://out/a.mp4', created_at: '2026-01-01' },
        { batch: 'gone', created_at: '2026-02-02' },
      ],
    );
    await run();
    assert.deepEqual(
      lastItems('2 batches').map(({ description = '', detail }) => [description.split(',')[0], detail]),
      [
        ['Failed', 'gone'],
        ['Succeeded', 'film/1999/ · s3://out/a.mp4'],
      ],
    );
    assert.deepEqual(did, ['batch gone']);
  });

  it('offers what fits the file: its output, its job, and to give up on one that hangs', async () => {
    const old = new Date(Date.now() - 48 * 3_600_000).toISOString();
    const hanging = { status: 'submitted', job_id: 'job_1', updated_at: old } as const;
    const script = { [ASKED]: 's3://film/1999/a.mp4', '1999/a.mp4': pickOf('Copy Job ID') };
    const { run, stub } = bench(script, [hanging]);
    await run();
    assert.deepEqual(stub.clipboard, ['job_1']);
    assert.ok(stub.shown.at(-1)?.choices.includes('$(circle-slash) Give Up on Job…'));
    const done = bench({ ...script, '1999/a.mp4': pickOf('Open Output') }, [
      { status: 'succeeded', output_url: 'https://x.example/a' },
    ]);
    await done.run();
    assert.equal(done.stub.opened.length, 1);
    const inBucket = bench({ ...script, '1999/a.mp4': pickOf('Copy Output Address') }, [
      { status: 'succeeded', output_url: 's3://out/a' },
    ]);
    await inBucket.run();
    assert.deepEqual(inBucket.stub.clipboard, ['s3://out/a']);
  });

  it('finds a part of a name in the newest batch, and a whole key where it is asked to', async () => {
    const items = [{ key: '1999/Reel 1.mp4' }, { key: '1999/reel 2.mp4', status: 'succeeded' }] as const;
    const found = bench(
      { [ASKED]: 'REEL', [FOUND]: pickOf('reel 2'), '1999/reel 2': pickOf('Source') },
      items,
    );
    await found.run();
    assert.deepEqual(found.did, ['source 1999/reel 2.mp4']);
    const shown = found.stub.shown.find(({ detail }) => detail?.startsWith(FOUND));
    assert.equal(shown?.text, 'Find File: 2 looked at in film/1999/, 2 found');
    assert.deepEqual(shown.choices, ['$(error) Reel 1.mp4', '$(pass) reel 2.mp4']);
    const whole = bench({ [ASKED]: ['1999/Reel 1.mp4'], '1999/Reel 1': pickOf('Open Result') }, items, {
      b1: { sent: 3 },
      b2: { sent: 1, ...meta({ bucket: 'tape' }) },
    });
    await whole.run();
    assert.equal(whole.did.length, 1);
    assert.deepEqual(whole.requests, ['list', 'resultsOf', 'resultsOf']);
  });

  it('searches the batch whose row it was run on, or one that is chosen', async () => {
    const two = {
      b2: { sent: 0, ...meta({ created_at: '2027-01-01', bucket: 'tape' }) },
      b1: { sent: 0 },
    };
    const items = [{ key: '1999/a/x' }];
    const onRow = bench({ [ASKED]: 'a/', [FOUND]: pickOf('a/x'), '1999/a/x': pickOf('Open') }, items, two);
    await onRow.run(batchNode('b1'));
    assert.equal(onRow.did.length, 1);
    const chosen = bench(
      {
        [ASKED]: ['a/none', pickOf('another batch'), undefined],
        'No batch has': 'Change the Text…',
        'In which batch': ['film/1999/', undefined],
        [FOUND]: BACK_BUTTON,
      },
      items,
      two,
    );
    await assert.rejects(chosen.run(), { name: 'AbortError' });
    assert.deepEqual(
      chosen.lastItems('In which batch').map(({ label, detail }) => [label, detail]),
      [
        ['tape/1999/', 'b2'],
        ['film/1999/', 'b1'],
      ],
    );
    const titles = chosen.stub.shown.map(({ text }) => text);
    assert.ok(titles.includes('Find File: 1 looked at in film/1999/, 0 found'));
  });

  it('says what is not claimed yet, and cannot be found', async () => {
    const { run, stub } = bench({ [ASKED]: 'nothing' }, [], { b1: { sent: 4_012 } });
    await assert.rejects(run(), { name: 'AbortError' });
    const last = stub.shown.at(-1);
    assert.equal(last?.text, 'Find File: 0 looked at in film/1999/, 0 found');
    assert.equal(last.detail, '4,012 files of this batch are not claimed yet, and cannot be found');
  });

  it('says where it looked, and which batch may still bring the file, and keeps the text', async () => {
    const { run, stub, requests } = bench(
      {
        [ASKED]: [
          ({ choices }) => pickOf('whole key')({ choices } as Shown) ?? '1999/](command:x)\n.mp4',
          undefined,
        ],
        'No batch has': 'Change the Text…',
      },
      [],
      { b1: { sent: 3 } },
    );
    await assert.rejects(run(), { name: 'AbortError' });
    const message = stub.shown.find(({ kind }) => kind === 'info');
    assert.equal(
      message?.text,
      'No batch has claimed 1999/] (command:x)\\u{a}.mp4. Buckets tried: film. Not claimed yet: batch film/1999/ (b1) has 3 files queued.',
    );
    assert.deepEqual(requests, ['list', 'resultsOf', 'read']);
    assert.equal(stub.shown.at(-1)?.choices.length, 3, 'the text is in the box again');
  });

  it('refuses an address that names no object in the box itself', async () => {
    const { run, stub, requests } = bench({ [ASKED]: ['https://cdn.example/a.mp4', undefined] }, []);
    await assert.rejects(run(), { name: 'AbortError' });
    assert.match(stub.shown.at(-1)?.choices[0] ?? '', /^\$\(error\) This is no address of S3/);
    assert.deepEqual(requests, ['list']);
  });

  it('passes on what AWS says, of the list and of the search, and that there is no batch', async () => {
    const denied = bench({ [ASKED]: 'x' }, []);
    denied.batches.list = () => Promise.reject(awsError('missing-permission'));
    await assert.rejects(denied.run(), { code: 'missing-permission' });
    const broken = bench({ [ASKED]: 'x' }, []);
    broken.batches.results = () => Promise.reject(awsError('throttled'));
    await assert.rejects(broken.run(), { code: 'throttled' });
    await assert.rejects(bench({ [ASKED]: 'x' }, [], {}).run(), {
      code: 'not-found',
      message: /no batch yet/,
    });
  });

  describe('by the id of a job', () => {
    const asking = (script: Script, answer: JobAnswer) => {
      const made = bench(script, [{ status: 'succeeded', job_id: 'job_900' }]);
      const reconciler = reconcilerOf(made);
      reconciler.jobAnswer = answer;
      return { ...made, reconciler };
    };
    const metadata = { batch: 'b1', source_bucket: 'film', source_key: '1999/a.mp4' };

    it('has the stack ask Ittybit, and opens the result', async () => {
      const { run, did, reconciler, stub } = asking(
        { [ASKED]: 'job_900' },
        { says: 'job', job: { metadata } },
      );
      await run();
      assert.deepEqual(did, [{ batch: 'b1', bucket: 'film', key: '1999/a.mp4' }]);
      assert.equal(reconciler.jobsAsked.length, 1);
      assert.equal(stub.shown.length, 1);
    });

    it('says that there is no such job, and asks again with the same text', async () => {
      const { run, did, stub } = asking(
        { [ASKED]: ['job_900', undefined], 'Ittybit knows no job job_900': 'Change the Text…' },
        { says: 'unknown' },
      );
      await assert.rejects(run(), { name: 'AbortError' });
      assert.deepEqual(did, []);
      assert.equal(stub.shown.length, 3);
    });

    it('takes what only looks like an id for a part of a name first', async () => {
      const { run, did, fake } = bench(
        { [ASKED]: 'reel_0021', [FOUND]: pickOf('reel_0021'), '1999/reel_0021': pickOf('Open Result') },
        [{ key: '1999/reel_0021.mp4' }],
      );
      await run();
      assert.equal(did.length, 1);
      assert.deepEqual(reconcilerOf({ fake }).jobsAsked, []);
    });
  });
});
