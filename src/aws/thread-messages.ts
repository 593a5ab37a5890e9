import type { SentError } from '../core/sent-error.ts';
import type { Connection } from './connection.ts';

/** What a thread starts with. Credentials are only those of tests and the local cloud; others are asked for. */
export interface ThreadData {
  readonly connection: Omit<Connection, 'mfaCode'>;
  /** the code of the threads that it starts itself; absent: it starts none */
  readonly file?: string | undefined;
}

/** The question for credentials, which every thread may ask, whatever it works on. */
export const CREDENTIALS = 'credentials';

/** Ids are those of a run, or of a question, which the thread that speaks first has given. */
export type ToThread =
  | { readonly kind: 'run'; readonly id: number; readonly name: string; readonly request: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'no-answer'; readonly id: number; readonly error: SentError };

export type FromThread =
  | { readonly kind: 'event'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: SentError }
  /** @param run the run that asks; absent: the thread itself does */
  | {
      readonly kind: 'question';
      readonly id: number;
      readonly run: number | undefined;
      readonly name: string;
      readonly value: unknown;
    };
