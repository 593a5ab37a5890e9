import { text } from 'node:stream/consumers';
import { enqueuePrefix, resumeEnqueue, type EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { createServices } from '../../aws/services.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { LocalConnection } from '../cloud/local-connection.ts';
import { shortPages } from './short-pages.ts';

/** What another process, which is to be killed, enqueues; it reads this as JSON on its standard input. */
export interface EnqueueTask {
  readonly connection: LocalConnection;
  readonly pipeline: StackOutputs;
  /** a new batch, or the id of one to resume */
  readonly work: EnqueueRequest | string;
  /** objects in a page of the listing */
  readonly pageSize: number;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { connection, pipeline, work, pageSize } = JSON.parse(await text(process.stdin)) as EnqueueTask;
  const services = createServices(connection);
  try {
    announce(services);
    const parts = { ...services, buckets: shortPages(services.buckets, pageSize) };
    if (typeof work === 'string') await resumeEnqueue(work, pipeline, parts);
    else await enqueuePrefix(work, pipeline, parts);
  } finally {
    services.dispose();
  }
}

/** Says each write on standard output before it begins, so that the parent process can kill this one in its middle. */
function announce({ queues, batches }: CloudServices): void {
  const saying =
    <Request extends unknown[], Answer>(what: string, write: (...request: Request) => Promise<Answer>) =>
    (...request: Request): Promise<Answer> => {
      console.log(what);
      return write(...request);
    };
  queues.send = saying('send', queues.send.bind(queues));
  batches.create = saying('create', batches.create.bind(batches));
  batches.saveCheckpoint = saying('checkpoint', batches.saveCheckpoint.bind(batches));
}
