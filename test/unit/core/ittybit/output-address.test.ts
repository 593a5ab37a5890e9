import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { OpenStems } from '../../../../src/core/files/open-stems.ts';
import { JOB_KINDS } from '../../../../src/core/ittybit/job-kind.ts';
import { outputFor, parseJobOptions, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { outputProblem, sharesStem, unusableOutput } from '../../../../src/core/ittybit/output-address.ts';
import { exampleOutput } from '../../../../src/core/ittybit/output-rules.ts';
import { listings } from '../../../helpers/listed-keys.ts';

/** As `skipReason` takes them: letters and digits in either case; `\u212A` is a K to a reader that ignores case. */
const MEDIA = ['.mov', '.MOV', '.mts', '.ts', '.m2ts', '.mp4', '.m', '.s', '.m\u212Av'];

const video = (output: string): JobOptions => ({ kind: 'video', options: {}, output });

/** Any output that the rules allow. */
const templates = fc
  .array(
    fc.constantFrom(
      ...[
        '{key}',
        '{stem}',
        '{stem}',
        '{ext}',
        '{ext}',
        '{bucket}',
        '-',
        '.',
        '/',
        'm',
        'ts',
        'a',
        ' ',
        '-{ext}-',
      ],
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((parts) => `s3://out/${parts.join('')}.mp4`)
  .filter((output) => {
    try {
      return parseJobOptions(video(output)).output === output;
    } catch (error) {
      assert.ok(error instanceof InvalidInputError);
      return false;
    }
  });

describe('the files of a listing that share an output address', () => {
  it('are those that a set of all addresses finds, for any output and any listing', () => {
    const found = { shared: 0, distinct: 0 };
    fc.assert(
      fc.property(templates, listings(MEDIA), (output, keys) => {
        const job = video(output);
        const first = new Map<string, string>();
        const open = new OpenStems();
        for (const key of keys) {
          const address = outputFor(job, { bucket: 'media', key }) ?? '';
          if (!first.has(address)) first.set(address, key);
          const owner = sharesStem(job) ? open.firstWithStem(key) : key;
          assert.equal(owner, first.get(address), `${output} of ${key}: ${address}`);
          found[owner === key ? 'distinct' : 'shared'] += 1;
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(found.shared > 1000 && found.distinct > 10_000, JSON.stringify(found));
  });

  it('are found among extensions that end with one another, which a refused output would mix up', () => {
    const [one, other] = ['clip.mts', 'clipm.ts'].map((key) => ({ bucket: 'media', key }));
    assert.equal(
      outputFor(video('s3://out/{stem}{ext}.mp4'), one!),
      outputFor(video('s3://out/{stem}{ext}.mp4'), other!),
    );
    assert.throws(() => parseJobOptions(video('s3://out/{stem}{ext}.mp4')), InvalidInputError);
  });

  it('are none with the example of the form, in any buckets and with any extension', () => {
    const file = fc.record({
      bucket: fc.constantFrom('aaa', 'aaa-aaa', 'aaa.aaa'),
      key: fc
        .array(fc.constantFrom('aaa', '/', '.', '-', 'mp4'), { minLength: 1, maxLength: 5 })
        .map((p) => p.join('')),
    });
    for (const kind of JOB_KINDS) {
      const options = kind === 'animation' ? { end: 3 } : {};
      const job = parseJobOptions({ kind, options, output: exampleOutput(kind, options) });
      fc.assert(
        fc.property(file, file, (a, b) => {
          assert.equal(outputFor(job, a) === outputFor(job, b), a.bucket === b.bucket && a.key === b.key);
        }),
        { numRuns: 2000 },
      );
    }
  });
});

describe('an output address that cannot be sent', () => {
  const problem = (output: string, key: string) => outputProblem(video(output), { bucket: 'media', key });

  it('has braces, a folder "." or "..", or more bytes than a key', () => {
    for (const [key, expected] of [
      ['a/clip.mov', undefined],
      ['a/{date}.mov', 'braces'],
      ['../clip.mov', 'output-folder'],
      ['a/../clip.mov', 'output-folder'],
      ['a/./clip.mov', 'output-folder'],
      ['a/.../clip.mov', undefined],
      ['a/..b/c../clip.mov', undefined],
      ['a//clip.mov', undefined],
      ['{a}/../clip.mov', 'braces'],
      [`${'é'.repeat(509)}.mov`, undefined],
      [`${'é'.repeat(510)}.mov`, 'output-length'],
    ] as const) {
      assert.equal(problem('s3://out/x/{stem}.mp4', key), expected, key);
    }
  });

  it('is looked at where its placeholders are filled, to the end', () => {
    assert.equal(problem('s3://out/{stem}/x.mp4', 'a/...mov'), 'output-folder');
    assert.equal(problem('s3://out/{stem}/', '..mov'), 'output-folder');
    assert.equal(problem('s3://out/x{stem}/', '..mov'), undefined);
    assert.equal(problem(`s3://${'o'.repeat(200)}/{stem}.mp4`, `${'k'.repeat(1020)}.mov`), undefined);
    assert.equal(problem('s3://out/{stem}.mp4', `${'k'.repeat(1021)}.m`), 'output-length');
  });

  it('is none without an output', () => {
    const job: JobOptions = { kind: 'video', options: {} };
    assert.equal(outputProblem(job, { bucket: 'media', key: 'a/../{date}.mov' }), undefined);
    assert.equal(unusableOutput(job, { bucket: 'media', key: 'a/../{date}.mov' }), undefined);
  });

  it('has a sentence that says what to do', () => {
    const said = (key: string) => unusableOutput(video('s3://out/{key}.mp4'), { bucket: 'media', key });
    assert.equal(said('a.mov'), undefined);
    assert.match(
      said('{date}.mov') ?? '',
      /replaces names in braces .* rename the file or .*\(\{date\}\)\.$/,
    );
    assert.match(said('a/../b.mov') ?? '', /folder "\." or "\.\.": rename/);
    assert.match(said(`${'k'.repeat(1020)}.mov`) ?? '', /longer than the 1024 bytes of an S3 key: shorten/);
  });
});
