import type { DeletionServices } from '../../src/app/batch/delete-records.ts';
import type { BatchEraser } from '../../src/core/batch/batch-eraser.ts';
import type { BatchMeta } from '../../src/core/batch/batch.ts';
import type { BatchBrakes } from '../../src/core/batch/batch-brakes.ts';
import type { Ledger } from '../../src/core/batch/ledger.ts';
import type { QueueMessage } from '../../src/core/batch/queue-message.ts';
import type { JobsApi } from '../../src/core/ittybit/jobs-api.ts';
import { MemoryEraser } from '../helpers/memory-eraser.ts';
import { BUCKET } from './setup.ts';
import { identityOf, type Request } from './model-ittybit.ts';
import { AwsFault, type Process } from './process.ts';
import { checkMaySend } from './promises.ts';
import type { World } from './world.ts';

/** The gateways that a process works with: it stops before each call, and a call may fail. */
export function brakesOf({ brakes }: World, self: Process): BatchBrakes {
  return {
    async failed(file, reason) {
      await self.call();
      return brakes.failed(file, reason);
    },
    async succeeded(batch) {
      await self.call();
      await brakes.succeeded(batch);
    },
    async hold(batch, hold) {
      await self.call();
      await brakes.hold(batch, hold);
    },
  };
}

export function ledgerOf(world: World, self: Process): Ledger {
  const { ledger } = world;
  return {
    async read(file, eventually = false) {
      const fault = await self.call();
      const older = world.older.get(`${file.batch}/${file.key}`);
      if (eventually && older && older.untilMs >= world.now && fault % 2 === 1) return older.item;
      return ledger.read(file);
    },
    async readSource(file) {
      await self.call();
      return ledger.readSource(file);
    },
    async readOutput(address) {
      await self.call();
      return ledger.readOutput(address);
    },
    async write(change) {
      const fault = await self.call();
      if (world.ittybit.hasFaults && fault === 98) throw new AwsFault('the table is away');
      const isWritten = await ledger.write(change);
      if (world.ittybit.hasFaults && fault === 99) throw new AwsFault('the answer is lost');
      return isWritten;
    },
    holdsOldResults: () => ledger.holdsOldResults(),
  };
}

/** What the deletion of a batch's records reads and changes. */
export function tableOf(world: World, self: Process): DeletionServices['batches'] & BatchEraser {
  const memory = new MemoryEraser(world.ledger);
  const metaOf = (batch: string): BatchMeta | undefined => {
    const order = world.batches.get(batch);
    const brake = world.brakes.of(batch);
    const { cancelled } = brake;
    // A batch that was marked by an earlier deletion is not told from a cancelled one, and waits again.
    const place = { bucket: BUCKET, prefix: '', extensions: [], created_at: '' };
    return order && { batch, ...place, job: order.order().job, ...(cancelled && { brake }) };
  };
  const sentOf = (batch: string): number =>
    [...world.planned.keys()].filter((id) => id.startsWith(`${batch}/`)).length;
  return {
    async read(table, batch) {
      await self.call();
      const meta = metaOf(batch);
      if (meta) memory.metas.set(batch, meta);
      else memory.metas.delete(batch);
      memory.sent.set(batch, sentOf(batch));
      return memory.read(table, batch);
    },
    async results(table, query, page) {
      await self.call();
      return memory.results(table, query, { ...page, limit: 1 });
    },
    async resultsOf(table, file) {
      await self.call();
      return memory.resultsOf(table, file);
    },
    async mark(_table, batch) {
      await self.call();
      if (!world.cancelledAt.has(batch)) world.cancel(batch);
    },
    async remove(_table, item) {
      await self.call();
      return world.ledger.remove(item);
    },
    async forget(_table, batch) {
      await self.call();
      world.forget(batch);
    },
  };
}

/** A call to a queue, which may be away, or deleted with its stack. */
export async function calling(self: Process, world: World): Promise<void> {
  if ((await self.call()) === 97 && world.ittybit.hasFaults) throw new AwsFault('AWS is away');
  if (self.stack !== world.stack) throw new AwsFault('the queue was deleted with its stack');
}

export async function sending(world: World, self: Process, message: QueueMessage): Promise<void> {
  await calling(self, world);
  world.send(message);
}

export function ittybitOf(world: World, self: Process): JobsApi {
  const { ittybit } = world;
  return {
    async post(_apiKey, reference, body) {
      const fault = await self.call();
      const request = requestOf(world, reference, body as Request['body']);
      checkMaySend(world, self, batchOf(request));
      const outcome = ittybit.post(request, fault);
      world.say(
        `POST ${reference.replace(/^0+/, '')} -> ${'status' in outcome ? outcome.status : 'no answer'}`,
      );
      return outcome;
    },
    async find(_apiKey, reference, input) {
      const found = ittybit.find(reference, input, await self.call());
      world.say(`look-up of ${reference.replace(/^0+/, '')}: ${JSON.stringify(found)}`);
      return found;
    },
    async get(_apiKey, jobId) {
      return ittybit.get(jobId, await self.call());
    },
    async witness() {
      return ittybit.witness(await self.call());
    },
  };
}

function batchOf({ body }: Pick<Request, 'body'>): string {
  return (body['metadata'] as { batch: string }).batch;
}

/** Which work a request is, by what it says and by the version that its file had at the claim. */
function requestOf(world: World, reference: string, body: Request['body']): Request {
  const batch = batchOf({ body });
  const item = world.items.find((one) => one.reference === reference);
  const again = world.batches.get(batch)?.order().again === true ? batch : '';
  const work = item?.work === undefined ? '' : `${String(body['input'])} ${item.work}`;
  return { reference, body, work, identity: identityOf(body, item?.etag, again) };
}
