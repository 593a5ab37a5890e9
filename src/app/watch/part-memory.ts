import type { Aged, PipelinePart, ReadPart } from '../stack/pipeline-snapshot.ts';

/**
 * How much is read: `fresh`, everything; `busy`, what may have changed while work moves; `idle`, only a glance that shows
 * whether work has come, and from time to time the rest.
 */
export type ReadMode = 'fresh' | 'busy' | 'idle';

type Ages = Readonly<Record<Exclude<ReadMode, 'fresh'>, number>>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HARDLY_CHANGES: Ages = { busy: MINUTE, idle: 20 * MINUTE };

/** A part is read again when what was read of it is so old, in ms. */
const AGES: Readonly<Record<PipelinePart | 'batches', Ages>> = {
  queue: { busy: 0, idle: 10 * MINUTE },
  dispatch: { busy: 0, idle: 10 * MINUTE },
  'dead-letters': { busy: 0, idle: 3 * MINUTE },
  batches: { busy: 30 * SECOND, idle: 10 * MINUTE },
  mapping: { busy: 15 * SECOND, idle: 20 * MINUTE },
  run: { busy: 15 * SECOND, idle: 20 * MINUTE },
  stack: HARDLY_CHANGES,
  rule: HARDLY_CHANGES,
  alarms: HARDLY_CHANGES,
  'api-key': HARDLY_CHANGES,
};

/** What was read of the parts of one stack, so that a reading asks only for what may have changed. */
export class PartMemory {
  readonly #parts = new Map<string, Aged<unknown>>();

  #answers = 0;

  /** how many answers there have been */
  get answers(): number {
    return this.#answers;
  }

  /** Counts an answer to a request that was sent past this memory. */
  heard(): void {
    this.#answers += 1;
  }

  /** The next reading asks for everything. */
  forget(): void {
    this.#parts.clear();
  }

  /**
   * @param glance the part that is always read, as it shows whether work has come
   * @param now epoch ms
   * @returns reads a part unless it is young enough; what failed is not remembered
   */
  reader(
    mode: ReadMode,
    glance: PipelinePart | 'batches',
    now: () => number,
  ): ReadPart<PipelinePart | 'batches'> {
    if (mode === 'fresh') this.forget();
    return async <Value>(part: PipelinePart | 'batches', read: () => Promise<Value>) => {
      const known = this.#parts.get(part) as Aged<Value> | undefined;
      const age = known ? Math.abs(now() - known.at) : Infinity;
      const isDue = mode === 'fresh' || isChanging(known?.value) || (mode === 'idle' && part === glance);
      const most = isDue ? 0 : AGES[part][mode];
      // A key that is there is never taken away, and one that may not be looked for is not asked for twice.
      const isSettled = part === 'api-key' && known !== undefined && known.value !== 'missing';
      if (known && (isSettled || age < most)) return known;
      const aged = { value: await read(), at: now() };
      this.#parts.set(part, aged);
      this.#answers += 1;
      return aged;
    };
  }
}

/** A stack on which CloudFormation works and a mapping that is being switched are followed; so is a stack that is not there. */
function isChanging(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  if ('status' in value) return String(value.status).endsWith('_IN_PROGRESS');
  return 'maximumConcurrency' in value && 'state' in value && !/^(En|Dis)abled$/.test(String(value.state));
}
