import type { S3Object } from '../../core/files/bucket-store.ts';
import { keyParts } from '../../core/files/key-parts.ts';
import { TrialPool, type TrialFile } from '../../core/files/trial-spread.ts';

/** How many names that begin with the prefix are shown. */
const NAMES = 4;
/** in ms; the ends of copies are noted by the hour */
const HOUR = 3_600_000;
/** A file waits in the queue at most 14 days (SQS, MessageRetentionPeriod), in ms: a copy that ends later is in time. */
const RETENTION = 14 * 24 * HOUR;

/** The files and folders that a prefix without a slash at its end takes, beside the one that it names. */
export interface Neighbours {
  /** whether the prefix itself is a folder or a file that is taken */
  readonly own: boolean;
  readonly folders: number;
  readonly files: number;
  /** the first of them, from the last `/` of the prefix on */
  readonly names: readonly string[];
}

/** What a dry run notes about the files that it would send. It does not grow with their number. */
export interface PlanNotes {
  /** how many files have an extension, in lower case */
  readonly extensions: ReadonlyMap<string, number>;
  readonly neighbours: Neighbours;
  /** in INTELLIGENT_TIERING, whose archive tiers no listing shows */
  readonly tiered: number;
  /** how many files are restored copies that end in an hour (its begin, in epoch ms) within the next 14 days */
  readonly copies: ReadonlyMap<number, number>;
  /** some of the files, to pick a trial from */
  readonly trial: readonly TrialFile[];
}

/** The notes of a dry run that has found nothing yet. */
export const NO_NOTES: PlanNotes = {
  extensions: new Map(),
  neighbours: { own: false, folders: 0, files: 0, names: [] },
  tiered: 0,
  copies: new Map(),
  trial: [],
};

/** Takes the notes of a dry run, page by page in the order of the listing. */
export class NoteTaker {
  readonly #prefix: string;
  readonly #now: number;
  readonly #extensions = new Map<string, number>();
  readonly #copies = new Map<number, number>();
  readonly #trial: TrialPool;
  #neighbours = NO_NOTES.neighbours;
  #lastName = '';
  #tiered = 0;

  /** @param now epoch ms */
  constructor(prefix: string, now: number) {
    this.#prefix = prefix;
    this.#now = now;
    this.#trial = new TrialPool(prefix);
  }

  /** @param file one that would be sent */
  add({ key, size, storageClass, restoredUntil }: S3Object): void {
    this.#trial.add({ key, size });
    raise(this.#extensions, keyParts(key).ext.toLowerCase());
    if (storageClass?.toUpperCase() === 'INTELLIGENT_TIERING') this.#tiered += 1;
    const end = restoredUntil?.getTime() ?? Infinity;
    if (end <= this.#now + RETENTION) raise(this.#copies, end - (end % HOUR));
    if (this.#prefix !== '' && !this.#prefix.endsWith('/')) this.#addName(key);
  }

  /** @returns the notes so far */
  get notes(): PlanNotes {
    return {
      extensions: new Map(this.#extensions),
      neighbours: this.#neighbours,
      tiered: this.#tiered,
      copies: new Map(this.#copies),
      trial: this.#trial.files,
    };
  }

  /** All keys of a folder come one after the other. */
  #addName(key: string): void {
    const slash = key.indexOf('/', this.#prefix.length);
    const whole = slash < 0 ? key : key.slice(0, slash + 1);
    if (whole === this.#lastName) return;
    this.#lastName = whole;
    const { own, folders, files, names } = this.#neighbours;
    if (whole === this.#prefix || whole === `${this.#prefix}/`) {
      this.#neighbours = { ...this.#neighbours, own: true };
      return;
    }
    const name = whole.slice(this.#prefix.lastIndexOf('/') + 1);
    this.#neighbours = {
      own,
      folders: folders + (slash < 0 ? 0 : 1),
      files: files + (slash < 0 ? 1 : 0),
      names: names.length < NAMES ? [...names, name] : names,
    };
  }
}

function raise<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
