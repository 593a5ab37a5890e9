import type { BatchMeta } from '../../../src/core/batch/batch.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import type { DispatchState } from '../../../src/core/stack/dispatch-control.ts';
import type { S3Object } from '../../../src/core/files/bucket-store.ts';
import type { ViewNode } from '../../../src/ui/base/node.ts';
import { OUTPUT_VALUES, stackOf } from '../fake-stacks.ts';
import { FakeBatches, FakeQueues } from '../fakes.ts';
import type { Answer, Shown } from './vscode-stub.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { fixture, type Fixture } from './ui-fixture.ts';

export const QUEUE = String(OUTPUT_VALUES['WorkQueueUrl']);

export interface EnqueueFixture extends Fixture {
  readonly buckets: MemoryBuckets;
  readonly queues: FakeQueues;
  readonly batches: FakeBatches;
  /** the questions so far */
  questions(): string[];
  /** the rows of the last review, one a line */
  review(): string;
  /** the keys in the work queue */
  sent(): string[];
}

/** A person's answers by the first words of the question. Of a list, each answer is used once, and the last one again. */
export type Script = Readonly<Record<string, Said | readonly Said[]>>;
export type Said =
  string | { readonly tick: readonly string[] } | undefined | ((shown: Shown) => string | undefined);

/** Presses Enter: takes the marked row. */
export const onEnter: Said = ({ picked }) => picked?.[0];

/** @returns an answer: the row that begins like this */
export function row(start: string): Said {
  return ({ choices }) => choices.find((label) => label.startsWith(start));
}

/** The offer of the review that sends all files. */
export const SEND: Said = ({ choices }) =>
  choices.find((label) => /^\$\(run-all\) Enqueue (at least )?[\d,]+ file/.test(label));

/** Takes every default and enqueues. */
const DEFAULTS: Script = {
  'What to enqueue': onEnter,
  'Which bucket': '$(database) film',
  'All files under': ({ choices }) => choices[0],
  'What should Ittybit': 'Web video, 1080p MP4',
  'Where the results go': ({ choices }) => choices[0],
  'File extensions': ({ choices }) => choices[0],
  'Only some of these': { tick: [] },
  'Nothing has been sent': SEND,
};

/** The extension with a bucket `film`, a stack, and a person who answers by a script. */
export function enqueueFixture(
  objects: readonly (string | S3Object)[],
  script: Script = {},
  given: { dispatch?: DispatchState; stack?: boolean; buckets?: MemoryBuckets } = {},
): EnqueueFixture {
  const { dispatch, stack = true, buckets = new MemoryBuckets({ film: objects }) } = given;
  const queues = new FakeQueues();
  const batches = new FakeBatches();
  const made = fixture(personWith({ ...DEFAULTS, ...script }), {
    ...(stack && { existing: stackOf('CREATE_COMPLETE') }),
    ...(dispatch && { dispatch }),
    services: { buckets, queues, batches },
  });
  const { shown } = made.stub;
  return {
    ...made,
    buckets,
    queues,
    batches,
    questions: () => shown.map(wordsOf),
    review: () => {
      const items = shown.findLast(({ detail }) => detail?.startsWith('Nothing has been sent'))?.items ?? [];
      return items
        .map((item) => [item.label, item.description, item.detail].filter(Boolean).join(' | '))
        .join('\n');
    },
    sent: () => queues.bodies(QUEUE).map((body) => (JSON.parse(body) as { key: string }).key),
  };
}

function wordsOf({ kind, text, detail }: Shown): string {
  return kind === 'input' || kind === 'pick' ? (detail ?? text) : text;
}

function personWith(script: Script): Answer {
  const used = new Map<string, number>();
  return (shown) => {
    const words = wordsOf(shown);
    const key = Object.keys(script).find((start) => words.startsWith(start));
    if (key === undefined) return undefined;
    const said = script[key];
    const list: readonly Said[] = Array.isArray(said) ? (said as readonly Said[]) : [said as Said];
    const turn = used.get(key) ?? 0;
    used.set(key, turn + 1);
    const answer = list[Math.min(turn, list.length - 1)];
    if (typeof answer === 'function') return answer(shown);
    return typeof answer === 'object' ? answer.tick : answer;
  };
}

/** @returns a row like those of the Buckets view */
export function placeNode(bucket: string, prefix: string): ViewNode {
  return { id: prefix, label: prefix, tokens: ['level'], data: { bucket, prefix } };
}

/** @returns a batch of the bucket `film` */
export function metaOf(batch: string, change: Partial<BatchMeta> = {}): BatchMeta {
  return {
    batch,
    bucket: 'film',
    prefix: '',
    job: DEFAULT_JOB_OPTIONS,
    extensions: ['mp4'],
    created_at: '2026-11-23T12:00:00.000Z',
    ...change,
  };
}
