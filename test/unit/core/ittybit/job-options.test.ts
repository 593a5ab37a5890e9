import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { JOB_KINDS } from '../../../../src/core/ittybit/job-kind.ts';
import { jobRequest, outputFor, parseJobOptions } from '../../../../src/core/ittybit/job-options.ts';

const refused = (field: string) => (error: unknown) =>
  error instanceof InvalidInputError && error.field === field && error.message !== '';

describe('parseJobOptions', () => {
  const video = (options: object, more: object = {}) => parseJobOptions({ kind: 'video', options, ...more });

  it('takes everything that a video can have', () => {
    const job = {
      kind: 'video',
      options: {
        format: 'webm',
        codec: 'vp9',
        quality: 'very_high',
        width: '50%',
        height: 720,
        fit: 'contain',
        position: 'top left',
        background: '#00ff00',
        fps: 23.976,
        bitrate: 300_000,
        start: 0,
        end: 1.5,
      },
      output: 's3://results/out/{stem}.webm',
      connection_id: 'conn_1',
    };
    assert.deepEqual(parseJobOptions(job), job);
    assert.deepEqual(parseJobOptions({ kind: 'audio' }), { kind: 'audio', options: {} });
  });

  it('refuses each option outside its values, naming it', () => {
    const wrong: Record<string, unknown[]> = {
      format: ['mp3', 'MP4', '', 1, null, 'constructor'],
      codec: ['x264', 'H264', [], {}],
      quality: ['best', 5],
      width: [0, -1, 1.5, 16_385, '0%', '101%', '050%', '50', NaN, Infinity, '50%\n'],
      height: ['100 %', true],
      fit: ['crop'],
      position: ['', 'top; drop', 'TOP', 7],
      background: ['red', '#12', '#12345', 0],
      fps: [0, 61, '30'],
      bitrate: [299_999, 60_000_001, 300_000.5],
      start: [-1, '0'],
      end: [-0.1, 1_000_001],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        assert.throws(
          () => video({ [name]: value }),
          refused(`options.${name}`),
          `${name}: ${String(value)}`,
        );
      }
    }
  });

  it('refuses the options of another kind', () => {
    assert.throws(() => parseJobOptions({ kind: 'audio', options: { width: 1 } }), refused('options.width'));
    assert.throws(() => parseJobOptions({ kind: 'image', options: { fps: 1 } }), refused('options.fps'));
    assert.throws(
      () => parseJobOptions({ kind: 'image', options: { format: 'mp4' } }),
      refused('options.format'),
    );
    assert.throws(
      () => parseJobOptions({ kind: 'audio', options: { bitrate: 400_000 } }),
      refused('options.bitrate'),
    );
    assert.throws(() => parseJobOptions({ kind: 'animation', options: {} }), refused('options.end'));
    assert.deepEqual(parseJobOptions({ kind: 'animation', options: { end: 3 } }).options, { end: 3 });
  });

  it('refuses a misspelt field, kind or option', () => {
    assert.throws(() => parseJobOptions({ kind: 'video', option: {} }), refused('option'));
    assert.throws(() => parseJobOptions({ kind: 'Video' }), refused('kind'));
    assert.throws(() => video({ widht: 1 }), refused('options.widht'));
    assert.throws(
      () => parseJobOptions(JSON.parse('{"kind":"video","options":{"__proto__":1}}')),
      InvalidInputError,
    );
  });

  it('refuses an output that is not an S3 address, or where every file would overwrite the one before', () => {
    for (const output of [
      '',
      'out/{key}',
      'https://x/{key}',
      's3://{key}',
      's3://results',
      's3://results/',
      's3://results/a.mp4',
      's3://results/{name}',
      7,
    ]) {
      assert.throws(() => video({}, { output }), refused('output'), String(output));
    }
  });

  it('refuses a connection that could be anything else', () => {
    for (const connection_id of ['', 'a b', 'conn/1', 'x'.repeat(129), 1]) {
      assert.throws(() => video({}, { connection_id }), refused('connection_id'));
    }
  });

  it('answers any JSON with options or InvalidInputError', () => {
    const names = fc.constantFrom('kind', 'options', 'output', 'connection_id', 'width', 'format', 'start');
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(...JOB_KINDS, 's3://b/{key}', 5, 'mp4'));
    const shaped = fc.dictionary(names, fc.oneof(value, fc.dictionary(names, value)));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (body) => {
        try {
          const job = parseJobOptions(body);
          assert.deepEqual(parseJobOptions(JSON.parse(JSON.stringify(job))), job);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('outputFor', () => {
  const output = (template: string, key: string) =>
    outputFor({ kind: 'video', options: {}, output: template }, { bucket: 'media', key });

  it('fills in the key and the stem as they are', () => {
    assert.equal(output('s3://r/{stem}.webm', 'a/b.c/d.e.mp4'), 's3://r/a/b.c/d.e.webm');
    assert.equal(output('s3://r/{stem}.webm', 'a.b/c'), 's3://r/a.b/c.webm');
    assert.equal(output('s3://r/{key}/{key}', '$&{stem}$1'), 's3://r/$&{stem}$1/$&{stem}$1');
    assert.equal(outputFor({ kind: 'video', options: {} }, { bucket: 'm', key: 'k' }), undefined);
  });

  it('fills in the extension as it is written, and the bucket', () => {
    assert.equal(output('s3://r/{stem}-{ext}.mp4', 'a/B.c.MOV'), 's3://r/a/B.c-MOV.mp4');
    assert.equal(output('s3://r/{bucket}/{ext}/{stem}.mp4', 'a.mov'), 's3://r/media/mov/a.mp4');
    assert.equal(output('s3://r/{stem}.{ext}.mp4', 'a/.mp4'), 's3://r/a/.mp4.mp4');
    assert.equal(output('s3://r/{stem}.{ext}.mp4', 'a.b/c'), 's3://r/a.b/c..mp4');
    assert.equal(
      output('s3://r/{key}/{ext}/x.mp4', '{ext}.{bucket}'),
      's3://r/{ext}.{bucket}/{bucket}/x.mp4',
    );
  });

  it('gives each key its own result with {key}', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        assert.equal(output('s3://r/{key}.webm', a) === output('s3://r/{key}.webm', b), a === b);
      }),
    );
  });
});

describe('jobRequest', () => {
  const context = {
    file: { batch: 'b1', bucket: 'media', key: 'é/ü +%.mp4' },
    reference: 'ref',
    webhookUrl: 'https://hook',
  };

  it("puts the stack's connection into the options, and the batch's own on top instead", () => {
    const job = { kind: 'video' as const, options: { width: 1 } };
    const stack = jobRequest(job, { ...context, connectionId: 'conn_stack' });
    assert.deepEqual(
      [stack['options'], stack['connection_id']],
      [{ width: 1, connection_id: 'conn_stack' }, undefined],
    );
    const own = jobRequest({ ...job, connection_id: 'conn_own' }, { ...context, connectionId: 'conn_stack' });
    assert.deepEqual([own['options'], own['connection_id']], [{ width: 1 }, 'conn_own']);
    const none = jobRequest(job, { ...context, connectionId: '' });
    assert.equal(JSON.stringify(none).includes('connection_id'), false);
    assert.equal(none['input'], 's3://media/é/ü +%.mp4');
  });
});
