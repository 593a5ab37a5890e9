import { reconcile } from '../../src/app/batch/reconcile.ts';
import type {
  ReconcileRequest,
  ReconcileServices,
  ReconcileSummary,
} from '../../src/app/batch/reconcile-services.ts';
import type { LetterQueue, SweptLetter } from '../../src/core/batch/letter-queue.ts';
import type { ListedBatch, OpenFiles } from '../../src/core/batch/open-files.ts';
import { encodeQueueMessage, type QueueMessage } from '../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { resultIndexKey, resultIndexPk } from '../../src/core/batch/table-keys.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { DispatchFixture } from './dispatch-fixture.ts';
import type { MemoryLedger } from './memory-ledger.ts';

/** A run of the function ends after a minute. */
const RUN_MS = 60_000;

/** Finds open files as the table's index lists them, but a page at a time is small. */
export class MemoryOpenFiles implements OpenFiles {
  /** how many ended files were asked for, of each read */
  readonly newestReads: number[] = [];
  readonly held = new Set<string>();
  readonly #ledger: MemoryLedger;
  readonly #pageSize: number;

  constructor(ledger: MemoryLedger, pageSize = 2) {
    this.#ledger = ledger;
    this.#pageSize = pageSize;
  }

  async batches(): Promise<readonly ListedBatch[]> {
    const batches = new Set([...this.#ledger.items.values()].map(({ batch }) => batch));
    return [...batches].toSorted().map((batch) => ({ batch, isHeld: this.held.has(batch) }));
  }

  async *due(
    batch: string,
    status: Parameters<OpenFiles['due']>[1],
    dueBefore: string,
  ): AsyncGenerator<readonly BatchFile[]> {
    const listed = [...this.#ledger.items.values()]
      .map((item) => ({ ...resultIndexKey(item), item }))
      .filter(({ gsi1pk, gsi1sk }) => gsi1pk === resultIndexPk({ batch, status }) && gsi1sk < dueBefore)
      .toSorted((a, b) => (a.gsi1sk < b.gsi1sk ? -1 : 1));
    for (let i = 0; i < listed.length; i += this.#pageSize) {
      yield listed.slice(i, i + this.#pageSize).map(({ item: { bucket, key } }) => ({ batch, bucket, key }));
    }
  }

  async newest(...[batch, status, most]: Parameters<OpenFiles['newest']>): Promise<readonly ResultItem[]> {
    this.newestReads.push(most);
    return [...this.#ledger.items.values()]
      .filter((item) => item.batch === batch && item.status === status)
      .toSorted((a, b) => (resultIndexKey(a).gsi1sk < resultIndexKey(b).gsi1sk ? 1 : -1))
      .slice(0, most);
  }
}

/** A dead-letter queue in memory. A received letter is hidden until it is released. */
export class MemoryLetters implements LetterQueue {
  readonly letters: SweptLetter[] = [];
  readonly #hidden = new Set<string>();
  #receipts = 0;

  /** @param attributes none for a letter that SQS itself has moved */
  add(body: string, attributes: Readonly<Record<string, string>> = {}, group?: string): void {
    this.letters.push({ receipt: `letter-${(this.#receipts += 1)}`, body, group, attributes });
  }

  /** Takes every letter out, as a redrive does. */
  takeAll(): SweptLetter[] {
    return this.letters.splice(0);
  }

  async receive(): Promise<readonly SweptLetter[]> {
    const page = this.letters.filter(({ receipt }) => !this.#hidden.has(receipt)).slice(0, 10);
    for (const { receipt } of page) this.#hidden.add(receipt);
    return page;
  }

  async remove({ receipt }: SweptLetter): Promise<void> {
    const at = this.letters.findIndex((letter) => letter.receipt === receipt);
    if (at >= 0) this.letters.splice(at, 1);
  }

  async replace(letter: SweptLetter, attributes: Record<string, string>): Promise<void> {
    this.add(letter.body, attributes, letter.group);
    await this.remove(letter);
  }

  async release({ receipt }: SweptLetter): Promise<void> {
    this.#hidden.delete(receipt);
  }
}

/** The reconciler's rules over the ledger, the clock, Ittybit and the settings of a dispatch fixture. */
export class ReconcileFixture {
  readonly dispatch: DispatchFixture;
  readonly letters = new MemoryLetters();
  readonly openFiles: MemoryOpenFiles;
  /** messages that were sent to the work queue, oldest first */
  readonly sent: QueueMessage[] = [];
  /** sets where a run begins: 0 is the first batch */
  random = 0;
  beforeSend: (message: QueueMessage) => void = () => undefined;
  readonly services: ReconcileServices;

  constructor(dispatch = new DispatchFixture()) {
    this.dispatch = dispatch;
    const { ledger, ittybit, services } = dispatch;
    this.openFiles = new MemoryOpenFiles(ledger);
    this.services = {
      ...{ ledger, api: ittybit, letters: this.letters, openFiles: this.openFiles },
      ...{ brakes: dispatch.brakes, brakePercent: 20 },
      patience: services.patience,
      dispatch: async () => dispatch.state,
      order: (batch) => services.order(batch),
      apiKey: () => services.apiKey(false),
      sender: () => services.sender(),
      send: async (message) => {
        this.beforeSend(message);
        this.sent.push(message);
      },
      now: () => dispatch.now,
      random: () => this.random,
    };
  }

  /** Runs the reconciler once. */
  run(
    request: Partial<ReconcileRequest> = {},
    change: Partial<ReconcileServices> = {},
  ): Promise<ReconcileSummary> {
    const deadlineMs = this.dispatch.now + RUN_MS;
    return reconcile({ deadlineMs, ...request }, { ...this.services, ...change });
  }

  /** Delivers each message that the reconciler has sent to the consumer. */
  async deliverSent(): Promise<void> {
    for (const message of this.sent.splice(0)) await this.dispatch.deliver(encodeQueueMessage(message));
  }

  /** Puts what the consumer has buried into the dead-letter queue. */
  collectLetters(): void {
    for (const { body, group, attributes } of this.dispatch.buried.splice(0))
      this.letters.add(body, attributes, group);
  }

  /** Moves every dead letter back to the consumer, with its attributes, as SQS does. */
  async redrive(): Promise<void> {
    this.collectLetters();
    for (const { body, attributes } of this.letters.takeAll())
      await this.dispatch.deliver(body, {}, { attributes });
  }
}
