import { rotateKey } from '../../src/core/ittybit/signing-keys.ts';
import { MemoryPace } from '../helpers/memory-pace.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';

/** What a stack has of its own over a table that may outlive it: its name, its signing keys, its dispatch and pace. */
export class ModelStack {
  readonly id: number;
  /** the signing keys as the secret holds them */
  secret = '{}';
  /** the API key can be read */
  hasSecret = true;
  dispatch: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 0 };
  /** when the dispatch item was written, and by an operator, as numbers of events */
  dispatchWrittenAt = 0;
  operatorWroteAt = 0;
  readonly pace: MemoryPace;

  constructor(id: number, signingKey: string, now: () => number) {
    this.id = id;
    this.pace = new MemoryPace(now, () => this.dispatch);
    this.rotate(signingKey);
  }

  rotate(signingKey: string): void {
    this.secret = rotateKey(this.secret, signingKey).secret;
  }
}
