import assert from 'node:assert/strict';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import type { MappingState } from '../../../../src/core/stack/dispatch-control.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../../../src/core/stack/template-version.ts';
import { ALARMS } from '../../../../src/core/stack/alarms.ts';
import type { ReconcilerRun } from '../../../../src/core/stack/reconciler-run.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { formatTime } from '../../../../src/ui/base/format.ts';
import { dispatchRow } from '../../../../src/ui/pipeline/dispatch-row.ts';
import type { PipelineFacts } from '../../../../src/ui/pipeline/pipeline-facts.ts';
import { alarmsRow } from '../../../../src/ui/pipeline/alarms-row.ts';
import { keyRow } from '../../../../src/ui/pipeline/key-row.ts';
import { reconcilerRow } from '../../../../src/ui/pipeline/reconciler-row.ts';
import { stackRow } from '../../../../src/ui/pipeline/stack-row.ts';
import { templateRow } from '../../../../src/ui/pipeline/template-row.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { PIPELINE } from '../../../helpers/fakes.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const { vs } = stubVscode();
const NOW = Date.parse('2026-11-23T14:00:00.000Z');
const HOSTILE = 'a\u202E\nb';
const SHOWN = 'a\\u{202e}\\u{a}b';

function mapping(state: string): MappingState {
  return { state, batchSize: 5, maximumConcurrency: 2, maximumBatchingWindow: 10, lastResult: undefined };
}

function snapshot(change: Partial<PipelineSnapshot> = {}): PipelineSnapshot {
  return {
    at: NOW,
    stackName: 'media-batch',
    stack: stackOf('UPDATE_COMPLETE'),
    outputs: PIPELINE,
    queue: { waiting: 1, inFlight: 0, delayed: 0 },
    deadLetters: 0,
    mapping: mapping('Enabled'),
    dispatch: { state: 'running', reason: undefined, at: undefined, epoch: 0 },
    pace: undefined,
    reconciler: undefined,
    alarms: [],
    apiKey: 'set',
    problem: undefined,
    ...change,
  };
}

function facts(pipeline: PipelineSnapshot | undefined, change: Partial<PipelineFacts> = {}): PipelineFacts {
  return { pipeline, throughput: undefined, operation: undefined, failed: false, now: NOW, ...change };
}

describe('the row of the API key', () => {
  it('is there only while no key is stored, with the command on it', () => {
    const row = keyRow(vs, snapshot({ apiKey: 'missing' }));
    assert.equal(row?.label, 'No API key yet');
    assert.deepEqual(row.tokens, ['no-key']);
    for (const apiKey of ['set', 'unknown'] as const)
      assert.equal(keyRow(vs, snapshot({ apiKey })), undefined);
  });
});

describe('the row of dispatch', () => {
  const row = (change: Partial<PipelineSnapshot>, more: Partial<PipelineFacts> = {}): ViewNode => {
    const pipeline = snapshot(change);
    return dispatchRow(vs, pipeline, facts(pipeline, more));
  };
  const paused = (reason: string | undefined, at?: string) =>
    row({ mapping: mapping('Disabled'), dispatch: { state: 'paused', reason, at, epoch: 0 } });

  it('has the words and the token of each state of the mapping', () => {
    const states = {
      Enabled: ['running, 10 at once', 'running'],
      Enabling: ['resuming…', 'changing'],
      Creating: ['resuming…', 'changing'],
      Disabling: ['pausing…', 'changing'],
      Disabled: ['paused: switched off outside Media Batch', 'paused'],
      Updating: ['running, 10 at once', 'running'],
      Deleting: ['reading…', undefined],
    } as const;
    for (const [state, [description, token]] of Object.entries(states)) {
      const { description: words, tokens } = row({ mapping: mapping(state) });
      assert.deepEqual([words, tokens[1]], [description, token], state);
    }
    assert.equal(row({ mapping: undefined }, { failed: true }).description, 'could not be read');
    assert.equal(row({ mapping: undefined, problem: new Error('x') }).description, 'could not be read');
    assert.equal(row({ mapping: mapping('Updating'), dispatch: undefined }).description, 'reading…');
  });

  it('says why and since when dispatch is paused, also where that is not recorded', () => {
    assert.equal(paused(HOSTILE, '2026-11-23T13:00:00.000Z').description, `paused: ${SHOWN}, 1 h ago`);
    assert.equal(paused('no credit').description, 'paused: no credit');
    assert.equal(paused(undefined).description, 'paused: no reason recorded');
    const odd = paused('x', 'yesterday');
    assert.equal(odd.description, 'paused: x, at an unknown time');
    assert.doesNotMatch(odd.tooltip ?? '', /Since|Invalid/);
    assert.doesNotMatch(paused(HOSTILE).tooltip ?? '', /\u202E/);
  });

  it('says who has paused dispatch, and in the tooltip the time as well', () => {
    const at = '2026-11-23T13:00:00.000Z';
    const by = (writer: string | undefined, state = 'Disabled') =>
      row({
        mapping: mapping(state),
        dispatch: { state: 'paused', reason: 'no credit', at, epoch: 1, by: writer },
      });
    assert.equal(by('consumer').description, 'paused: no credit, 1 h ago, by the consumer');
    assert.match(by('consumer').tooltip ?? '', /\nSince .*2026.*, by the consumer\.\n/);
    assert.equal(by('operator').description, 'paused: no credit, 1 h ago', 'its reason says it');
    assert.match(by('operator').tooltip ?? '', /\nSince .*2026.*, by hand\.\n/);
    assert.equal(by(HOSTILE).description, `paused: no credit, 1 h ago, by ${SHOWN}`);
    assert.match(by(undefined).tooltip ?? '', /\nSince [^\n]*2026[^\n]*\d\.?\W?(AM|PM)?\.\n/);
    assert.match(
      by('reconciler', 'Disabling').tooltip ?? '',
      /^Dispatch is being paused: no credit\nSince .*, by the reconciler\.\nAWS needs/,
    );
  });

  it('says until when dispatch waits, and why, in words that fit', () => {
    const waits = (until: string | undefined, reason: string | undefined = "Ittybit's limit") =>
      row({
        mapping: mapping('Disabled'),
        dispatch: { state: 'waiting', reason, at: undefined, until, epoch: 1 },
      });
    const node = waits('2026-11-23T14:05:00.000Z');
    const time = formatTime(vs, new Date('2026-11-23T14:05:00.000Z'));
    assert.equal(node.description, `waiting until ${time} (Ittybit's limit)`);
    assert.deepEqual(node.tokens, ['dispatch', 'waiting']);
    assert.match(node.tooltip ?? '', /Until .*2026.*\n.*resumes dispatch by itself/);
    const since = row({
      mapping: mapping('Disabled'),
      dispatch: { state: 'waiting', reason: 'x', at: '2026-11-23T13:59:00.000Z', epoch: 1, by: 'consumer' },
    });
    assert.match(since.tooltip ?? '', /\nSince .*2026.*, by the consumer\.\n/);
    assert.match(waits('2026-11-25T14:05:00.000Z').description ?? '', /^waiting until .*25.*2026/);
    for (const until of ['2026-11-23T14:00:00.000Z', '2026-11-23T13:00:00.000Z', undefined]) {
      const over = waits(until);
      assert.equal(over.description, "about to resume (Ittybit's limit)");
      assert.doesNotMatch(over.tooltip ?? '', /Until|Invalid/);
    }
    const hostile = waits(undefined, HOSTILE);
    assert.equal(hostile.description, `about to resume (${SHOWN})`);
    assert.doesNotMatch(hostile.tooltip ?? '', /\u202E/);
    assert.equal(waits(undefined, '').description, 'about to resume');
  });

  it('is idle where the queue is empty', () => {
    const idle = row({ queue: { waiting: 0, inFlight: 0, delayed: 0 } });
    assert.equal(idle.description, 'running, 10 at once, idle');
    assert.deepEqual(idle.icon, { id: 'play', color: undefined });
    assert.deepEqual(row({}).icon, { id: 'play', color: 'charts.green' });
  });

  it('does not claim to run while AWS is silent', () => {
    const silentSince = NOW - 120_000;
    const silent = row({}, { silentSince });
    assert.equal(silent.description, `AWS silent since ${formatTime(vs, new Date(silentSince))}`);
    assert.deepEqual([silent.icon, silent.tokens], [{ id: 'question' }, ['dispatch', 'running']]);
  });

  it('says in few words what Ittybit refuses, and all of it in the tooltip', () => {
    for (const [reason, words] of [
      ['Ittybit refuses the API key (HTTP 401)', 'paused: key refused'],
      ['no usable Ittybit API key is stored: run "Media Batch: Set Ittybit API Key"', 'paused: no key'],
      ['Ittybit wants a payment (HTTP 402)', 'paused: no credit'],
      ['the table cannot be read: AccessDenied', 'paused: the table cannot be read: Acc…'],
    ] as const) {
      const node = paused(reason);
      assert.equal(node.description, words);
      assert.ok(node.tooltip?.includes(reason));
    }
  });
});

describe('the row of the reconciler', () => {
  const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
  const row = (reconciler: PipelineSnapshot['reconciler'], change: Partial<PipelineSnapshot> = {}) =>
    reconcilerRow(vs, snapshot({ reconciler, ...change }), facts(undefined));
  const ran = (change: Partial<ReconcilerRun>) => {
    const run = { startedAt: ago(45), endedAt: ago(40), did: {}, error: undefined, ...change };
    return row({ run, isScheduled: true, at: NOW });
  };
  const isWarning = (node: ViewNode | undefined) => node?.icon?.id === 'warning';

  it('says when it ran and what it did', () => {
    const did = { ended: 1200, waitsEnded: 1, swept: 0, 'odd\u202E': 2 };
    const node = ran({ did });
    assert.equal(node?.description, 'ran 40 s ago, 1,200 ended, dispatch resumed, 2 odd\\u{202e}');
    assert.deepEqual([node.tokens, isWarning(node)], [['reconciler'], false]);
    assert.equal(
      ran({ did: { looked: 3, mappingSwitchedOff: 1 } })?.description,
      'ran 40 s ago, switched dispatch off again, which something outside Media Batch had switched on, 3 looked at',
    );
    assert.equal(ran({ endedAt: ago(120) })?.description, 'ran 2 min ago');
    assert.equal(ran({ endedAt: ago(-30) })?.description, 'ran 0 s ago', 'by a clock that is behind');
  });

  it('says when it ran where that was read a while ago, and judges by what it said then', () => {
    const run = { startedAt: ago(640), endedAt: ago(630), did: {}, error: undefined };
    const node = row({ run, isScheduled: true, at: NOW - 600_000 });
    assert.equal(node?.description, `ran ${formatTime(vs, new Date(run.endedAt))}`);
    assert.equal(isWarning(node), false);
    const late = row({ run, isScheduled: true, at: NOW - 100_000 });
    assert.equal(late?.description, 'has not run for 9 min');
  });

  it('warns where it does not run, or fails', () => {
    const run = { startedAt: ago(10), endedAt: ago(840), did: { ended: 1 }, error: undefined };
    const failed = ran({ error: HOSTILE });
    for (const [node, words] of [
      [ran(run), 'has not run for 14 min'],
      [row({ run, isScheduled: false, at: NOW }), 'rule disabled'],
      [row({ run: undefined, isScheduled: true, at: NOW }, { stack: stackSince(ago(600)) }), 'has never run'],
      [failed, `failed 40 s ago: ${SHOWN}`],
    ] as const) {
      assert.deepEqual([node?.description, isWarning(node)], [words, true]);
      assert.doesNotMatch(node?.tooltip ?? '', /\u202E|Invalid/);
    }
    const off = row({ run, isScheduled: false, at: NOW });
    assert.match(off?.tooltip ?? '', /Enable the rule value-of-reconcilerRule in EventBridge/);
  });

  it('is calm where a stack is new, its times cannot be read, or it was not read', () => {
    for (const [node, words] of [
      [
        row({ run: undefined, isScheduled: true, at: NOW }, { stack: stackSince(ago(60)) }),
        'has not run yet',
      ],
      [ran({ endedAt: 'yesterday' }), 'has not run yet'],
      [row(undefined), 'reading…'],
      [row(undefined, { problem: new Error('x') }), 'could not be read'],
    ] as const) {
      assert.deepEqual([node?.description, isWarning(node)], [words, false]);
    }
  });

  it('is not there for a stack of an older template', () => {
    const { reconcilerFunction: _, reconcilerRule: __, ...outputs } = PIPELINE;
    assert.equal(row(undefined, { outputs }), undefined);
    assert.equal(row(undefined, { outputs: undefined }), undefined);
  });

  const stackSince = (changedAt: string) => ({
    ...stackOf('CREATE_COMPLETE'),
    changedAt: new Date(changedAt),
  });
});

describe('the row of the stack', () => {
  const running = {
    stackName: 'media-batch',
    kind: 'deploy',
    running: true,
    events: [],
    failure: undefined,
  } as const;
  const row = (status: string, more: Partial<PipelineFacts> = {}): ViewNode =>
    stackRow(vs, facts(snapshot({ stack: stackOf(status) }), more));

  it('has the token that the menus test, and the icon of the status', () => {
    for (const [status, token, icon] of [
      ['CREATE_COMPLETE', 'settled', 'layers'],
      ['UPDATE_IN_PROGRESS', 'updating', 'sync~spin'],
      ['CREATE_IN_PROGRESS', 'busy', 'sync~spin'],
      ['DELETE_IN_PROGRESS', 'busy', 'sync~spin'],
      ['UPDATE_ROLLBACK_FAILED', 'rollback-failed', 'error'],
      ['ROLLBACK_COMPLETE', 'settled', 'error'],
      ['DELETE_FAILED', 'settled', 'error'],
    ] as const) {
      const { tokens, icon: shown } = row(status);
      assert.deepEqual([tokens[1], shown?.id], [token, icon], status);
    }
    assert.equal(row('CREATE_COMPLETE', { operation: running }).tokens[1], 'busy');
    assert.equal(row('UPDATE_IN_PROGRESS', { operation: running }).tokens[1], 'updating');
  });

  it('stands before AWS has described the stack', () => {
    const starting = stackRow(vs, facts(undefined, { operation: running }));
    assert.deepEqual([starting.description, starting.expanded], ['starting…', true]);
    assert.equal(starting.spoken, 'Stack media-batch: starting…');
    const ended = stackRow(vs, facts(undefined, { operation: { ...running, running: false } }));
    assert.equal(ended.description, 'could not be read');
  });

  it('shows every character of a status and a reason', () => {
    const { description, tooltip = '' } = stackRow(
      vs,
      facts(snapshot({ stack: stackOf(HOSTILE, { reason: HOSTILE }) })),
    );
    assert.equal(description, SHOWN);
    assert.deepEqual(tooltip.split('\n'), [`Stack media-batch: ${SHOWN}`, SHOWN]);
  });
});

describe('the row of the template', () => {
  const row = (version: string | undefined): ViewNode | undefined => {
    const { [VERSION_OUTPUT]: _, ...others } = OUTPUT_VALUES;
    const outputs = version === undefined ? others : { ...others, [VERSION_OUTPUT]: version };
    return templateRow(vs, snapshot({ stack: stackOf('CREATE_COMPLETE', { outputs }) }));
  };

  it('is there for a newer and for an unknown version only', () => {
    assert.equal(templateRow(vs, snapshot({ stack: undefined })), undefined);
    assert.equal(row(undefined), undefined);
    assert.equal(row(String(TEMPLATE_VERSION)), undefined);
    assert.equal(row('999')?.description, 'shown only: version 999 is newer');
    assert.equal(row(HOSTILE)?.description, `shown only: version "${SHOWN}" is not known`);
    assert.equal(row('')?.description, 'shown only: version "" is not known');
  });
});

describe('the row of the alarms', () => {
  it('is there only while an alarm rings', () => {
    for (const alarms of [[], undefined]) assert.equal(alarmsRow(vs, snapshot({ alarms }), NOW), undefined);
  });

  it('names what rings, and since when on a row of its own', async () => {
    const since = new Date(NOW - 3_600_000);
    const one = alarmsRow(vs, snapshot({ alarms: [{ id: 'PausedAlarm', since }] }), NOW);
    assert.deepEqual([one?.label, one?.description], ['Alarm', 'dispatch is paused']);
    const two = alarmsRow(
      vs,
      snapshot({
        alarms: [
          { id: 'HeldAlarm', since },
          { id: 'SilentAlarm', since: undefined },
        ],
      }),
      NOW,
    );
    assert.equal(two?.label, '2 alarms');
    assert.equal(two.description, 'a batch is held, jobs at Ittybit are silent');
    const rows = await two.children?.(new AbortController().signal);
    assert.deepEqual(
      rows?.map(({ label, description }) => [label, description]),
      [
        ['a batch is held', '1 h ago'],
        ['jobs at Ittybit are silent', ''],
      ],
    );
  });

  it('has words for each alarm', () => {
    for (const id of ALARMS) {
      const row = alarmsRow(vs, snapshot({ alarms: [{ id, since: undefined }] }), NOW);
      assert.match(row?.description ?? '', /^[A-Za-z][a-zA-Z0-9 ]+$/, id);
    }
  });
});
