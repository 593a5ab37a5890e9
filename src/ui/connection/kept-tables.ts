import type * as vscode from 'vscode';
import type { Session } from './session.ts';

/** The results table that a deleted stack has left in the account. */
export interface KeptTable extends Place {
  readonly table: string;
  readonly stackName: string;
  /** the stack's Ittybit connection; empty: the default one */
  readonly connectionId: string;
}

type Place = Pick<Session, 'account' | 'region' | 'endpoint'>;

const KEY = 'keptTables';
/** So many are remembered, the newest first. */
const MOST = 20;

/** The tables of the stacks that this user has deleted in any window. It outlives what is known of the stacks. */
export class KeptTables {
  readonly #memory: vscode.Memento;

  /** @param memory the memory of the user, not of the workspace */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** @returns the tables of an account and region, that of the last deleted stack first */
  at(place: Place): readonly KeptTable[] {
    return this.#all().filter((kept) => isAt(kept, place));
  }

  /** Remembers the table of a stack whose deletion begins. */
  async note({ table, stackName, connectionId, account, region, endpoint }: KeptTable): Promise<void> {
    const kept: KeptTable = { table, stackName, connectionId, account, region, endpoint };
    const others = this.#all().filter((each) => each.table !== table || !isAt(each, kept));
    await this.#memory.update(KEY, [kept, ...others].slice(0, MOST));
  }

  #all(): readonly KeptTable[] {
    const stored = this.#memory.get<unknown>(KEY);
    return Array.isArray(stored) ? stored.filter(isKept) : [];
  }
}

function isAt(kept: Place, { account, region, endpoint }: Place): boolean {
  return kept.account === account && kept.region === region && kept.endpoint === endpoint;
}

/** Another version may have stored another shape. */
function isKept(stored: unknown): stored is KeptTable {
  if (typeof stored !== 'object' || stored === null) return false;
  const { table, stackName, connectionId, account, region, endpoint } = stored as Partial<
    Record<keyof KeptTable, unknown>
  >;
  const texts = [table, stackName, connectionId, account, region, endpoint ?? ''];
  return texts.every((text) => typeof text === 'string');
}
