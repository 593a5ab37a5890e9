import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mustSplit, splitPrefix, startCloudParts } from '../../../../src/app/batch/cloud-parts.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { FakeCloudRuns } from '../../../helpers/fake-cloud-runs.ts';
import { FakeBatches, FakeBuckets, s3Object, PIPELINE } from '../../../helpers/fakes.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const bucketOf = (...keys: string[]): FakeBuckets =>
  new FakeBuckets(keys.toSorted(byBytes).map((key) => s3Object(key)));
const split = (prefix: string, ...keys: string[]) =>
  splitPrefix({ bucket: 'film', prefix }, bucketOf(...keys));

describe('the parts of a prefix', () => {
  it('begin with the characters that come next, behind what all have in common', async () => {
    assert.deepEqual(
      await split('in/', 'in/1998/a.mp4', 'in/1999/a.mp4', 'in/2001/b.mp4', 'in/z.mp4', 'out/c.mp4'),
      ['in/1', 'in/2', 'in/z'],
    );
    assert.deepEqual(await split('', 'reels/1998/a.mp4', 'reels/1999/a.mp4', 'reels/'), [
      'reels/1998',
      'reels/1999',
    ]);
    assert.deepEqual(await split('in/', 'in/', 'in/ä.mp4', 'in/\u{1F3AC}.mp4', 'in/\u{1F3AD}.mp4'), [
      'in/ä',
      'in/\u{1F3AC}',
      'in/\u{1F3AD}',
    ]);
  });

  it('have every object once, whatever the keys are', async () => {
    const key = fc
      .string({
        unit: fc.constantFrom('a', 'b', '/', '.', ' ', 'ä', '\u{1F3AC}', '\u{10FFFF}'),
        minLength: 1,
        maxLength: 5,
      })
      .map((name) => `in/${name}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 20 }), async (keys) => {
        let parts: readonly string[];
        try {
          parts = await split('in/', ...keys);
        } catch (error) {
          assert.match(String(error), /has no parts/);
          return;
        }
        assert.ok(parts.length > 1);
        for (const each of keys) {
          const [mine, ...others] = parts.filter((part) => each.startsWith(part));
          // What stands for a folder is no file.
          assert.ok(mine !== undefined ? others.length === 0 : each.endsWith('/'), each);
        }
      }),
    );
  });

  it('are refused where there are none, or too many, and where a pattern counts from the prefix', async () => {
    const refused = (message: RegExp) => ({ code: 'cloud-enqueue-refused', message });
    await assert.rejects(split('in/'), refused(/^s3:\/\/film\/in\/ has no parts/));
    await assert.rejects(split('in/', 'in/a.mp4'), refused(/has no parts/));
    await assert.rejects(split('in/', 'in/a', 'in/ab', 'in/ac'), refused(/has no parts/));
    const many = Array.from({ length: 201 }, (_, i) => `in/${String.fromCodePoint(0x4e00 + i)}.mp4`);
    await assert.rejects(split('in/', ...many), refused(/more than 200 parts: choose the folders below it/));
    await assert.rejects(
      splitPrefix({ bucket: 'film', prefix: 'in/', filter: { glob: '*.mov' } }, bucketOf()),
      refused(/^The pattern "\*\.mov" counts from s3:\/\/film\/in\//),
    );
  });

  it('are needed above 50 million objects that were counted', () => {
    assert.deepEqual([undefined, 50_000_000, 50_000_001].map(mustSplit), [false, false, true]);
  });

  it('are started one after the other, and what was started is named where one fails', async () => {
    const services = { batches: new FakeBatches(), cloudRuns: new FakeCloudRuns() };
    const request = { bucket: 'film', prefix: 'in/', job: DEFAULT_JOB_OPTIONS };
    const counts: number[] = [];
    const onStarted = (count: number): void => {
      counts.push(count);
      if (count === 2) services.cloudRuns.start = () => Promise.reject(new Error('AWS is away.'));
    };
    const metas = startCloudParts(request, ['in/a', 'in/b', 'in/c'], 'arn:machine', PIPELINE, services, {
      onStarted,
    });
    await assert.rejects(metas, {
      code: 'enqueue-incomplete',
      message:
        /^2 of 3 parts of s3:\/\/film\/in\/ are being enqueued: AWS is away\. Enqueue it in parts again/,
    });
    assert.deepEqual(counts, [1, 2]);
    assert.deepEqual(
      services.cloudRuns.started.map(({ input }) => input.run.prefix),
      ['in/a', 'in/b'],
    );
  });
});
