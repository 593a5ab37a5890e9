import type * as vscode from 'vscode';
import { isText } from '../../core/foreign-json.ts';
import type { PendingSession } from './session.ts';

/** What we remember of a stack for this user. */
export interface KnownStack {
  /** so many dead letters are no news: the user was told of them, or they were there when any window first looked */
  readonly deadLetters?: number;
  /** when the user was last told of dead letters, epoch ms */
  readonly deadLettersToldAt?: number;
  /** "Don't show for this stack" was chosen */
  readonly muted?: boolean;
  /** the holds of batches that the user has been told of and that were there when any window last looked */
  readonly holds?: readonly string[];
  /** the batches that were seen with files on their way, while they are among those that are looked at */
  readonly moving?: readonly string[];
  /** the ends of batches that the user has been told of, while they are among those that are looked at */
  readonly ends?: readonly string[];
  /** the end of a batch that the user has opened from the status bar */
  readonly seenEnd?: string;
  /** when the last pause that dispatch made itself and that the user was told of began, ISO 8601 */
  readonly pausedAt?: string;
  /** an API key has been stored from VS Code */
  readonly keyStored?: boolean;
}

const KEY = 'stacks';
/** The account that a stack was last used with, whatever the profile. */
const ACCOUNTS = 'accounts';

type Place = Pick<PendingSession, 'profile' | 'region' | 'endpoint' | 'stackName'> & {
  /** set once AWS has named the account */
  readonly account?: string;
};

/** The stacks that this user has seen in any window, so that we do not ask AWS about a stack that never existed. */
export class KnownStacks {
  readonly #memory: vscode.Memento;

  /** @param memory the memory of the user, not of the workspace */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** true where there is any */
  get some(): boolean {
    return Object.keys(this.#all()).length > 0;
  }

  /** @returns undefined for a stack that this user has not seen */
  get(place: Place): KnownStack | undefined {
    return this.#all()[idOf(place)];
  }

  /** @returns the ids that are remembered of a stack, without what another version may have stored there */
  ids(place: Place, of: 'holds' | 'moving' | 'ends'): readonly string[] {
    const stored: unknown = this.get(place)?.[of];
    return Array.isArray(stored) ? stored.filter(isText) : [];
  }

  /** @returns the account that a stack of this name was last used with, through any profile; undefined = none is known */
  accountOf(place: Place): string | undefined {
    return this.#accounts()[stackIdOf(place)];
  }

  /** Remembers that the stack is used with this account from now on. */
  async useAccount(place: Place): Promise<void> {
    if (!place.account || this.accountOf(place) === place.account) return;
    await this.#memory.update(ACCOUNTS, { ...this.#accounts(), [stackIdOf(place)]: place.account });
  }

  /** Remembers a stack or a change of it, and its account where none is known. To look at a stack does not change its account. */
  async note(place: Place, change: KnownStack = {}): Promise<void> {
    const all = this.#all();
    const id = idOf(place);
    const next = { ...all[id], ...change };
    if (!all[id] || JSON.stringify(all[id]) !== JSON.stringify(next))
      await this.#memory.update(KEY, { ...all, [id]: next });
    if (this.accountOf(place) === undefined) await this.useAccount(place);
  }

  /** Forgets a stack that no longer exists. */
  async forget(place: Place): Promise<void> {
    const { [idOf(place)]: gone, ...rest } = this.#all();
    if (gone) await this.#memory.update(KEY, rest);
    const { [stackIdOf(place)]: account, ...others } = this.#accounts();
    // A stack that is missing in this account may still exist in the remembered one.
    if (account !== undefined && account === place.account) await this.#memory.update(ACCOUNTS, others);
  }

  #accounts(): Readonly<Record<string, string>> {
    return recordOf(this.#memory.get(ACCOUNTS), (account) => typeof account === 'string');
  }

  #all(): Readonly<Record<string, KnownStack>> {
    return recordOf(this.#memory.get(KEY), (stack) => typeof stack === 'object' && stack !== null);
  }
}

/** @returns the stored entries that fit. Another version may have stored another shape, which must not break a start. */
function recordOf<Entry>(
  stored: unknown,
  fits: (entry: unknown) => boolean,
): Readonly<Record<string, Entry>> {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).filter((pair): pair is [string, Entry] => fits(pair[1])));
}

function idOf({ profile = '', region, endpoint = '', stackName }: Place): string {
  return JSON.stringify([profile, region, endpoint, stackName]);
}

function stackIdOf({ region, endpoint = '', stackName }: Place): string {
  return JSON.stringify([region, endpoint, stackName]);
}
