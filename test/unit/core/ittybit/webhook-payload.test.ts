import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { parseJobReport } from '../../../../src/core/ittybit/webhook-payload.ts';

const FINISHED = '2026-11-23T10:00:00.000Z';
const MS = Date.parse(FINISHED);

describe('parseJobReport', () => {
  it('understands the five published shapes', () => {
    const flat = {
      id: 'job_1',
      object: 'job',
      kind: 'video',
      status: 'succeeded',
      output: { url: 'https://out/v.mp4', duration: 1.5 },
      metadata: { reference: 'r1' },
      finished_at: MS,
    };
    const report = {
      rawStatus: 'succeeded',
      jobId: 'job_1',
      status: 'succeeded',
      kind: 'video',
      outputUrl: 'https://out/v.mp4',
      durationMs: 1500,
      finishedAt: FINISHED,
      reference: 'r1',
    };
    assert.deepEqual(parseJobReport(flat), report);
    const { finished_at, output, ...rest } = flat;
    const guide = { ...rest, output: { url: output.url }, duration_ms: 1500, completed_at: FINISHED };
    assert.deepEqual(parseJobReport({ data: guide }), report);
    const event = { ...rest, object: 'task', outputs: [output], completed_at: MS / 1000, duration: 1.5 };
    const outer = { id: 'evt_1', object: 'event', kind: 'task.succeeded', created_at: 1 };
    assert.deepEqual(parseJobReport({ ...outer, data: event }), report);
    const { status, ...stateless } = flat;
    assert.deepEqual(parseJobReport({ type: 'job.succeeded', data: stateless }), report);
    const old = { ...rest, object: 'task', status: 'completed', output: output.url, completed: FINISHED };
    const { durationMs, ...oldReport } = { ...report, rawStatus: 'completed' };
    assert.deepEqual(parseJobReport(old), oldReport);
  });

  it('finds the output by each of its names, in a list or alone', () => {
    const url = 'https://out/v.mp4';
    for (const form of [
      { output: url },
      { output: { url } },
      { output_url: url },
      { outputs: [{ url }] },
      { results: { url } },
      { results: [{ url }] },
    ]) {
      assert.equal(parseJobReport({ status: 'completed', ...form }).outputUrl, url);
    }
    assert.equal(parseJobReport({ status: 'completed', results: [] }).outputUrl, undefined);
  });

  it('takes the media kind, never the name of the event', () => {
    assert.equal(parseJobReport({ kind: 'job.failed' }).kind, undefined);
    assert.equal(parseJobReport({ kind: 'job.failed' }).status, 'failed');
  });

  it('reads an error of any form', () => {
    const text = (error: unknown) => parseJobReport({ status: 'failed', error }).error;
    assert.equal(text('no codec'), 'no codec');
    assert.equal(text({ kind: 'bad_input', message: 'no codec' }), 'bad_input: no codec');
    assert.equal(text({ hint: 1 }), '{"hint":1}');
    assert.equal(text(null), undefined);
    assert.equal(text('x'.repeat(5000))?.length, 1000);
  });

  it('never treats a word that it does not know as a state', () => {
    for (const status of ['constructor', '__proto__', 'toString', 'succeeded?', 'success', 'done', '']) {
      const report = parseJobReport({ status });
      assert.equal(report.status, undefined, status);
    }
    fc.assert(
      fc.property(fc.string(), (status) => {
        const known = /^(succeeded|completed|ready)$/i.test(status);
        assert.equal(parseJobReport({ status }).status === 'succeeded', known);
      }),
    );
  });

  it('survives an error that is nested deeper than the stack', () => {
    const depth = 40_000;
    const body = `{"status":"failed","error":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    assert.equal(parseJobReport(JSON.parse(body)).status, 'failed');
  });

  it('reports only what the table can hold: numbers within reason, text that is Unicode', () => {
    for (const duration of [1e308, 1e300, -1]) {
      assert.equal(parseJobReport({ output: { duration } }).durationMs, undefined);
      assert.equal(parseJobReport({ duration_ms: duration }).durationMs, undefined);
    }
    assert.equal(parseJobReport({ finished_at: 1e300 }).finishedAt, undefined);
    const cut = parseJobReport({ error: `${'x'.repeat(999)}\u{1F3AC}`, id: '\uD83D' });
    assert.ok(cut.error!.isWellFormed());
    assert.ok(cut.jobId!.isWellFormed());
  });

  it('answers any JSON with a report or InvalidInputError', () => {
    const names = fc.constantFrom(
      'status',
      'data',
      'job',
      'output',
      'outputs',
      'error',
      'metadata',
      'kind',
      'type',
      'finished_at',
      'duration_ms',
    );
    const shaped = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.jsonValue())));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (body) => {
        try {
          const report = parseJobReport(body);
          for (const [name, value] of Object.entries(report)) {
            assert.equal(typeof value, name === 'durationMs' ? 'number' : 'string', name);
          }
        } catch (error) {
          assert.ok(error instanceof InvalidInputError);
          assert.ok(typeof body !== 'object' || body === null || Array.isArray(body));
        }
      }),
      { numRuns: 500 },
    );
  });
});
