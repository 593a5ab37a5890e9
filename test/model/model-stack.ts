import { rotateKey } from '../../src/core/ittybit/signing-keys.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';

/** What a stack has of its own over a table that may outlive it: its name, its signing keys, its dispatch item. */
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

  constructor(id: number, signingKey: string) {
    this.id = id;
    this.rotate(signingKey);
  }

  rotate(signingKey: string): void {
    this.secret = rotateKey(this.secret, signingKey).secret;
  }
}
