import { setTimeout as sleep } from 'node:timers/promises';

/** Calls of one invocation take their slots together; one that is slow holds the others up no longer than this, in ms. */
const TOGETHER_MS = 1_000;

/** When a call may leave, and under which rate it was told so. */
export interface Slot {
  readonly atMs: number;
  readonly drops: number;
}

/** A call with a turn that is ready for its slot. */
interface Ready {
  readonly give: (slot: Slot | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** The calls of an invocation take their first slots together, as soon as each has claimed its file. */
export class SlotGroup {
  /** calls with a turn that have not got their first slot */
  promised = 0;
  #ready: Ready[] = [];
  readonly #reserve: (count: number) => Promise<Slot[]>;

  constructor(reserve: (count: number) => Promise<Slot[]>) {
    this.#reserve = reserve;
  }

  slot(): Promise<Slot | undefined> {
    return new Promise((give, fail) => {
      this.#ready.push({ give, fail });
      if (this.#ready.length === 1 && this.promised > 1) {
        void sleep(TOGETHER_MS).then(() => {
          this.#giveOut();
        });
      }
      this.#giveOutIfAll();
    });
  }

  leave(): void {
    this.promised -= 1;
    this.#giveOutIfAll();
  }

  #giveOutIfAll(): void {
    if (this.#ready.length >= this.promised) this.#giveOut();
  }

  #giveOut(): void {
    const group = this.#ready;
    if (group.length === 0) return;
    this.#ready = [];
    this.promised -= group.length;
    this.#reserve(group.length).then(
      (slots) => {
        for (const [i, { give }] of group.entries()) give(slots[i]);
      },
      (error: unknown) => {
        for (const { fail } of group) fail(error);
      },
    );
  }
}
