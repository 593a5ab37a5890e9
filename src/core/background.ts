import { MediaBatchError } from './errors.ts';

/** What the caller of work in the background gives it beside the request. */
export interface BackgroundCaller {
  readonly signal?: AbortSignal | undefined;
  /** takes what the work tells meanwhile */
  readonly onEvent?: ((event: unknown) => void) | undefined;
  /** answers what the work asks, by the name of the question */
  readonly answers?: Readonly<Record<string, (question: unknown) => Promise<unknown>>> | undefined;
}

/** Does work beside the caller's thread, with gateways of its own. */
export interface Background {
  /** false: there is none here */
  readonly isUsable: boolean;
  /** whether work there has ever told something or come to its end */
  readonly hasAnswered: boolean;
  /**
   * @param request what a message can carry (the structured clone algorithm)
   * @returns the result of the work, once it has ended, also after an abort
   * @throws NoBackground; what the work throws; the signal's reason
   */
  run(name: string, request: unknown, caller: BackgroundCaller): Promise<unknown>;
  /** From now on there is none. */
  giveUp(): void;
}

/** There is no background, or it has ended: what was asked of it must be done elsewhere. */
export class NoBackground extends MediaBatchError {
  constructor(cause: unknown) {
    super('aws', 'A worker thread has ended.', { cause });
  }
}

/** What work in the background may use to speak with its caller. */
export interface WorkContext {
  readonly signal: AbortSignal;
  readonly tell: (event: unknown) => void;
  /** @throws what the answer throws */
  readonly ask: (name: string, question?: unknown) => Promise<unknown>;
}

/** The work that a background does, by its name. */
export type BackgroundWork<Services> = Readonly<
  Record<string, (request: never, services: Services, context: WorkContext) => Promise<unknown>>
>;
