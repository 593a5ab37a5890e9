import type * as vscode from 'vscode';
import { PipelineWatch, type WatchOptions } from '../../../src/app/watch/watch.ts';
import { ContextKeyWriter } from '../../../src/ui/base/context-keys.ts';
import { EnqueueRuns } from '../../../src/ui/batches/enqueue-runs.ts';
import type { JobsApi } from '../../../src/core/ittybit/jobs-api.ts';
import type { Session } from '../../../src/ui/connection/session.ts';
import { ShownOperations } from '../../../src/ui/watch/shown-operation.ts';
import type { BatchesContext } from '../../../src/ui/batches/batches-context.ts';
import { ScopeHolder } from '../../../src/ui/watch/scope-holder.ts';
import { stubMemento } from './vscode-stub-basics.ts';
import { stubVscode, type Answer, type VscodeStub } from './vscode-stub.ts';
import { fakeCloud, type FakeCloud } from './fake-cloud.ts';
import { fakeConnection, type FakeConnection } from './fake-connection.ts';
import { fakeWatch, type FakeWatch } from './fake-watch.ts';

/** @returns an answer of Ittybit's API */
export function ittybitAnswer(status: number, body = ''): Awaited<ReturnType<JobsApi['witness']>> {
  return { status, retryAfter: undefined, body };
}

export interface Fixture {
  readonly ui: BatchesContext;
  readonly stub: VscodeStub;
  readonly fake: FakeCloud;
  readonly connection: FakeConnection;
  readonly watch: FakeWatch;
}

/** The extension's parts with a stand-in for the editor and for AWS; the region is set. */
export function fixture(
  answer: Answer = () => undefined,
  given: Parameters<typeof fakeCloud>[0] & {
    session?: Partial<Session>;
    /** true: reads what is demanded, as the product does; absent: the test says what was read */
    realPoll?: boolean;
    /** what Ittybit answers to a key; absent: it accepts every key */
    witness?: JobsApi['witness'];
  } = {},
): Fixture {
  const stub = stubVscode(answer);
  stub.settings.set('mediaBatch.region', 'eu-west-1');
  stub.files.set('/ext/dist/pipeline.yaml', 'Resources: {}');
  const fake = fakeCloud(given);
  const connection = fakeConnection(fake.services, given.session);
  const watch = fakeWatch();
  const makePoll = (read: WatchOptions['read']) => (given.realPoll ? new PipelineWatch({ read }) : watch);
  const { vs } = stub;
  const ui: BatchesContext = {
    vs,
    log: vs.window.createOutputChannel('Media Batch', { log: true }),
    cloud: fake.cloud,
    openIttybit: () => ({ witness: given.witness ?? (async () => ittybitAnswer(200, '[]')) }),
    connection,
    scopes: new ScopeHolder(connection, makePoll),
    contextKeys: new ContextKeyWriter(vs),
    enqueues: new EnqueueRuns(),
    operations: new ShownOperations(),
    extensionUri: Object.freeze({ path: '/ext' }) as unknown as vscode.Uri,
    memory: { workspace: stubMemento(), global: stubMemento() },
  };
  return { ui, stub, fake, connection, watch };
}
