import type { Draw } from './draws.ts';
import {
  jobEffects,
  listEffects,
  matches,
  requestEffects,
  webhookEffects,
  type Fault,
  type FaultEffect,
  type FaultScope,
  type FaultSubject,
  type JobFaultEffect,
  type ListFaultEffect,
  type RequestFaultEffect,
  type WebhookFaultEffect,
} from './fault.ts';
import { troubles, type Trouble } from './troubles.ts';

/** A fault that was added: how often it has applied, and how to remove it. */
export interface ActiveFault {
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly fault: Fault;
  /** Counted from 1 in the order of adding: what draws are named after. */
  readonly number: number;
  hits: number;
  readonly hitsByInput: Map<string | undefined, number>;
}

/** The faults that are active. */
export class Faults {
  readonly #faults = new Set<Entry>();
  readonly #draw: Draw;
  readonly #now: () => number;
  #added = 0;

  /**
   * @param draw for faults with a rate or a time between two bounds
   * @param now the time in Unix ms
   */
  constructor(draw: Draw, now: () => number) {
    this.#draw = draw;
    this.#now = now;
  }

  /** Adds a fault, also while requests are being served. */
  add(fault: Fault): ActiveFault {
    this.#added += 1;
    const entry: Entry = { fault, number: this.#added, hits: 0, hitsByInput: new Map() };
    this.#faults.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#faults.delete(entry);
      },
    };
  }

  /** Adds the faults that make a trouble. `hits` counts them all, and `remove` removes them all. */
  addTrouble(trouble: Trouble, scope: FaultScope = {}): ActiveFault {
    const added = troubles[trouble](scope).map((fault) => this.add(fault));
    return {
      get hits() {
        return added.reduce((hits, fault) => hits + fault.hits, 0);
      },
      remove: () => {
        for (const fault of added) fault.remove();
      },
    };
  }

  /** Removes every fault. */
  clear(): void {
    this.#faults.clear();
  }

  /** The effects on this request; at most one is not latency, and it comes last. */
  forRequest(subject: FaultSubject): RequestFaultEffect[] {
    const effects: RequestFaultEffect[] = [];
    for (const effect of this.#applying(requestEffects, subject)) {
      effects.push(effect);
      if (effect.type !== 'latency') break;
    }
    return effects.sort((a, b) => Number(b.type === 'latency') - Number(a.type === 'latency'));
  }

  /** How the job that `subject` created ends; undefined when it succeeds. */
  forJob(subject: FaultSubject): JobFaultEffect | undefined {
    for (const effect of this.#applying(jobEffects, subject)) return effect;
    return undefined;
  }

  /** The effects on the webhooks of the job that `subject` created. */
  forWebhooks(subject: FaultSubject): WebhookFaultEffect[] {
    return [...this.#applying(webhookEffects, subject)];
  }

  /** The effects on the job that `subject` created, in one answer of `GET /jobs`. */
  forList(subject: FaultSubject): ListFaultEffect[] {
    return [...this.#applying(listEffects, subject)];
  }

  /** A number of ms drawn from `min` to `max`. @param about what it is drawn for */
  between(min: number, max: number, about: string): number {
    return min + this.#draw(about) * (max - min);
  }

  /** Yields the effects that apply, and counts a hit for each one when it is taken. */
  *#applying<T extends FaultEffect['type']>(
    types: readonly T[],
    subject: FaultSubject,
  ): Generator<Extract<FaultEffect, { type: T }>> {
    const isWanted = (effect: FaultEffect): effect is Extract<FaultEffect, { type: T }> =>
      (types as readonly string[]).includes(effect.type);
    for (const entry of this.#faults) {
      const { effect } = entry.fault;
      if (!isWanted(effect) || !this.#applies(entry, subject)) continue;
      entry.hits += 1;
      entry.hitsByInput.set(subject.input, (entry.hitsByInput.get(subject.input) ?? 0) + 1);
      yield effect;
    }
  }

  #applies({ fault, number, hits, hitsByInput }: Entry, subject: FaultSubject): boolean {
    if (fault.effect.type === 'refused' && (subject.method !== 'POST' || subject.path !== '/jobs'))
      return false;
    if (!matches(fault, subject)) return false;
    const { times = Infinity, timesEach = Infinity, rate, until = Infinity } = fault;
    if (hits >= times || (hitsByInput.get(subject.input) ?? 0) >= timesEach) return false;
    if (this.#now() >= until) return false;
    return rate === undefined || this.#draw(`fault ${number} ${subject.input ?? ''}`) < rate;
  }
}
