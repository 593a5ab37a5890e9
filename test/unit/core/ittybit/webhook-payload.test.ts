import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { isStep, parseJobReport, reportsJob } from '../../../../src/core/ittybit/webhook-payload.ts';

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
      about: 'job',
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
    assert.deepEqual(parseJobReport({ ...outer, data: event }), { ...report, about: 'task' });
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

  it('cuts every text, whatever its characters take, so that the item stays small', () => {
    for (const character of ['x', '"', '\\', 'é', '漢', '\u{1F3AC}', '\uD83D', '\uDC00']) {
      const long = character.repeat(125_000);
      const report = parseJobReport({
        id: long,
        status: long,
        kind: long,
        output: { url: long },
        error: { kind: long, message: long },
        metadata: { reference: long },
      });
      const texts = Object.values(report).filter((value) => typeof value === 'string');
      assert.ok(texts.every((value) => value.isWellFormed()));
      assert.ok(Buffer.byteLength(texts.join('')) < 4096);
      // An id or an address that was cut would name something else.
      assert.deepEqual([report.jobId, report.outputUrl], [undefined, undefined]);
      assert.match(
        report.error ?? '',
        /^The output's address has \d+ characters and is not stored: ask Ittybit/,
      );
    }
  });

  it('stores an address of 2,048 characters, and of a longer one only that there is one', () => {
    const longest = `https://out/${'a'.repeat(2036)}`;
    assert.equal(parseJobReport({ status: 'succeeded', output: longest }).outputUrl, longest);
    const longer = parseJobReport({ status: 'succeeded', output: `${longest}a`, error: 'slow' });
    assert.equal(longer.outputUrl, undefined);
    assert.equal(
      longer.error,
      "The output's address has 2049 characters and is not stored: ask Ittybit for the job. slow",
    );
    assert.equal(parseJobReport({ status: 'succeeded', output: `${longest}a` }).status, 'succeeded');
  });

  it('takes the first failed task that says why for the reason of a job that does not', () => {
    const tasks = [
      { kind: 'probe', status: 'succeeded', error: 'a warning' },
      { kind: 'import', status: 'failed', error: null },
      'no task',
      null,
      { kind: 'video', status: 'error', error: { kind: 'codec', message: 'not supported' } },
      { kind: 'export', status: 'failed', error: 'a later one' },
    ];
    const error = (job: object) => parseJobReport({ object: 'job', status: 'failed', tasks, ...job }).error;
    for (const none of [null, undefined, '', {}, []])
      assert.equal(error({ error: none }), 'codec: not supported');
    assert.equal(error({ error: 'its own' }), 'its own');
    assert.equal(error({ status: 'succeeded' }), undefined);
    assert.equal(error({ tasks: { 0: tasks[4] } }), undefined);
    assert.equal(error({ tasks: [] }), undefined);
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
          assert.ok(Buffer.byteLength(JSON.stringify(report)) < 4096);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError);
          assert.ok(typeof body !== 'object' || body === null || Array.isArray(body));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a report is about', () => {
  const about = (body: object) => parseJobReport(body).about;
  const steps = ['probe', 'import', 'export', 'Probe'];
  const task = { id: 'task_001', object: 'task', status: 'succeeded' };
  const metadata = { reference: 'r1' };
  const event = (kind: string, data: object) => ({ id: 'evt_1', object: 'event', kind, data });

  it('is a task where the kind is one that only tasks have, whatever else it says', () => {
    for (const kind of steps) {
      for (const body of [
        { ...task, kind },
        { ...task, kind, metadata },
        { id: 'job_1', object: 'job', kind, status: 'succeeded', tasks: [] },
        { data: { ...task, kind } },
        event('task.succeeded', { ...task, kind, outputs: [{ url: 'https://source' }] }),
        { type: 'job.succeeded', data: { ...task, kind } },
      ]) {
        const report = parseJobReport(body);
        assert.equal(report.about, 'task', JSON.stringify(body));
        assert.ok(isStep(report));
        assert.ok(!reportsJob(report, report.jobId));
      }
    }
  });

  it('is a task where its event is one of a task, even with our reference: an export may still fail', () => {
    for (const kind of ['task.succeeded', 'task.failed', 'task.updated']) {
      assert.equal(about(event(kind, { ...task, kind: 'video' })), 'task');
      assert.equal(about(event(kind, { ...task, kind: 'video', metadata })), 'task');
      assert.equal(about({ type: kind, data: { id: 'task_001' } }), 'task');
    }
  });

  it('is a task where nothing but the word task is said of it', () => {
    assert.equal(about({ ...task, kind: 'video' }), 'task');
    assert.equal(about({ ...task, status: 'completed', results: [] }), 'task');
    assert.equal(about({ data: { ...task, kind: 'video' } }), 'task');
  });

  it('is the job in each guide, although some call its id a task', () => {
    for (const body of [
      { id: 'task_a1b2c3d4', status: 'succeeded', kind: 'video', output: { url: 'https://out' } },
      { ...task, kind: 'video', metadata },
      { ...task, kind: 'video', tasks: [task] },
      { data: { id: 'task_1', status: 'succeeded', kind: 'video', metadata } },
      { id: 'job_1', object: 'job', status: 'succeeded' },
      { type: 'job.succeeded', data: { id: 'job_1' } },
      { type: 'job.failed', data: { ...task, kind: 'video' } },
      event('run.succeeded', { id: 'run_1', object: 'run' }),
      event('task.succeeded', { id: 'job_1', object: 'job', status: 'processing' }),
      { status: 'failed' },
    ]) {
      assert.equal(about(body), 'job', JSON.stringify(body));
    }
  });

  it('is the job under the id that Ittybit gave it when it was submitted', () => {
    const report = parseJobReport(event('task.succeeded', { ...task, kind: 'video' }));
    assert.ok(reportsJob(report, 'task_001'));
    for (const other of ['job_1', 'task_00', '', undefined]) assert.ok(!reportsJob(report, other));
    const nameless = parseJobReport({ object: 'task', status: 'succeeded' });
    assert.ok(!reportsJob(nameless, undefined));
    assert.ok(reportsJob(parseJobReport({ status: 'succeeded' }), undefined));
  });

  it('takes no status from the event of a task for its job', () => {
    const body = { ...event('task.succeeded', {}), data: undefined, job: { id: 'job_1', object: 'job' } };
    const { about: subject, status, rawStatus } = parseJobReport(body);
    assert.deepEqual([subject, status, rawStatus], ['job', undefined, '']);
  });
});
