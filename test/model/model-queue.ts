const DAY_MS = 86_400_000;
const VISIBILITY_MS = 120_000;
/** The stack's maxReceiveCount. */
const MAX_RECEIVES = 100;
const LETTER_HIDE_MS = 30_000;

/** A message of the work queue or the dead-letter queue. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentMs: number;
  receives: number;
  visibleMs: number;
}

export type Sent = Pick<Message, 'body' | 'group' | 'attributes'>;

/** Two standard queues: at least once, in any order, kept for 14 days, and a dead-letter queue behind 100 receives. */
export class ModelQueue {
  work: Message[] = [];
  letters: Message[] = [];
  readonly #now: () => number;
  #ids = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param receives how often it counts as received before the first time */
  send(sent: Sent, receives = 0): void {
    this.work.push(this.#message(sent, receives));
  }

  bury(sent: Sent): void {
    this.letters.push(this.#message(sent, 0));
  }

  /** @returns messages that a consumer may get now */
  visible(): Message[] {
    return this.work.filter(({ visibleMs }) => visibleMs <= this.#now());
  }

  /** @returns false where the message has become a dead letter instead, without a reason */
  receive(message: Message): boolean {
    message.receives += 1;
    if (message.receives > MAX_RECEIVES) {
      this.remove(message);
      this.bury(message);
      return false;
    }
    message.visibleMs = this.#now() + VISIBILITY_MS;
    return true;
  }

  /** With the receipt of an earlier receive nothing is hidden. */
  hide(message: Message, receipt: number, ms: number): void {
    if (message.receives === receipt) message.visibleMs = this.#now() + ms;
  }

  remove(message: Message): void {
    this.work = this.work.filter((one) => one !== message);
  }

  receiveLetters(): Message[] {
    const page = this.letters.filter(({ visibleMs }) => visibleMs <= this.#now()).slice(0, 10);
    for (const letter of page) letter.visibleMs = this.#now() + LETTER_HIDE_MS;
    return page;
  }

  removeLetter(id: string): void {
    this.letters = this.letters.filter((letter) => letter.id !== id);
  }

  redrive(): void {
    const moved = this.letters.filter(({ visibleMs }) => visibleMs <= this.#now());
    this.letters = this.letters.filter((letter) => !moved.includes(letter));
    for (const letter of moved) this.send(letter);
  }

  /** Deletes what is too old. @param upTo messages that were sent no later than this, epoch ms */
  expire(upTo = this.#now() - 14 * DAY_MS): void {
    const isKept = ({ sentMs }: Message) => sentMs > upTo;
    this.work = this.work.filter(isKept);
    this.letters = this.letters.filter(isKept);
  }

  clear(): void {
    this.work = [];
    this.letters = [];
  }

  #message({ body, group, attributes }: Sent, receives: number): Message {
    this.#ids += 1;
    const now = this.#now();
    return { id: `m${this.#ids}`, body, group, attributes, sentMs: now, receives, visibleMs: now };
  }
}
