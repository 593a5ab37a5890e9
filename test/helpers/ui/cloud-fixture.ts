import assert from 'node:assert/strict';
import { startCloudEnqueue } from '../../../src/app/batch/cloud-enqueue.ts';
import { findPipeline } from '../../../src/app/stack/pipeline.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import { ENUMERATOR_VERSION, enumeratorName } from '../../../src/core/stack/enumerator-contract.ts';
import { FakeCloudRuns, RUNNING } from '../fake-cloud-runs.ts';
import type { RunState } from '../../../src/core/batch/cloud-runs.ts';
import { OUTPUT_VALUES, stackOf } from '../fake-stacks.ts';
import { enqueueFixture, type EnqueueFixture, type Script } from './enqueue-fixture.ts';

export const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:MediaBatchEnumerator-x';

export interface CloudFixture extends EnqueueFixture {
  readonly runs: FakeCloudRuns;
  /** Starts the enqueue of a prefix of `film`. @returns its batch */
  start(prefix: string): Promise<string>;
  /** says how a run stands at Step Functions */
  stand(batch: string, change: Partial<RunState>): void;
  /** the last message */
  said(): string | undefined;
}

/** An account in which the bucket `film` has its cloud enqueue. @param version the output of its stack */
export function cloudFixture(script: Script = {}, version = String(ENUMERATOR_VERSION)): CloudFixture {
  const made = enqueueFixture(['a.mp4', 'b.mp4'], {
    'Enqueue s3://film/': 'Enqueue in the Cloud',
    ...script,
  });
  const { fake } = made;
  fake.stacks.others.set(
    enumeratorName('media-batch', 'film'),
    stackOf('CREATE_COMPLETE', {
      id: 'arn:stack/enumerator',
      outputs: { EnumeratorArn: MACHINE, SourceBucket: 'film', EnumeratorVersion: version },
      parameters: {
        WorkQueueUrl: OUTPUT_VALUES['WorkQueueUrl'] ?? '',
        ResultsTable: OUTPUT_VALUES['ResultsTableName'] ?? '',
      },
    }),
  );
  const { cloudRuns: runs } = fake.services;
  assert.ok(runs instanceof FakeCloudRuns);
  return {
    ...made,
    runs,
    start: async (prefix) => {
      const pipeline = await findPipeline('media-batch', fake.stacks);
      const request = { bucket: 'film', prefix, job: DEFAULT_JOB_OPTIONS };
      return (await startCloudEnqueue(request, MACHINE, pipeline, fake.services)).batch;
    },
    stand: (batch, change) => {
      runs.states.set(`${MACHINE.replace('stateMachine', 'execution')}:${batch}`, { ...RUNNING, ...change });
    },
    said: () => made.stub.shown.at(-1)?.text,
  };
}
