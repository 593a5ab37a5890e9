import type * as vscode from 'vscode';
import type { PendingSession } from './session.ts';

/** What this user's memory keeps of a stack. */
export interface KnownStack {
  /** dead letters when they were last looked at, by any window */
  readonly deadLetters?: number;
  /** "Don't show for this stack" was chosen */
  readonly muted?: boolean;
  /** an API key has been stored from here */
  readonly keyStored?: boolean;
}

const KEY = 'stacks';

type Place = Pick<PendingSession, 'profile' | 'region' | 'endpoint' | 'stackName'>;

/** The stacks that this user has seen, over all windows: nothing is asked about a stack that was never there. */
export class KnownStacks {
  readonly #memory: vscode.Memento;

  /** @param memory the user's, not the window's */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** whether there is any */
  get some(): boolean {
    return Object.keys(this.#all()).length > 0;
  }

  /** @returns undefined for a stack that this user has not seen */
  get(place: Place): KnownStack | undefined {
    return this.#all()[idOf(place)];
  }

  /** Remembers a stack, or something of it. */
  async note(place: Place, change: KnownStack = {}): Promise<void> {
    const all = this.#all();
    const id = idOf(place);
    const next = { ...all[id], ...change };
    if (all[id] && JSON.stringify(all[id]) === JSON.stringify(next)) return;
    await this.#memory.update(KEY, { ...all, [id]: next });
  }

  /** A stack that is gone is not asked about any more. */
  async forget(place: Place): Promise<void> {
    const { [idOf(place)]: gone, ...rest } = this.#all();
    if (gone) await this.#memory.update(KEY, rest);
  }

  #all(): Readonly<Record<string, KnownStack>> {
    return this.#memory.get<Readonly<Record<string, KnownStack>>>(KEY, {});
  }
}

function idOf({ profile = '', region, endpoint = '', stackName }: Place): string {
  return JSON.stringify([profile, region, endpoint, stackName]);
}
