/** A dead letter that the sweep has received. */
export interface SweptLetter {
  readonly receipt: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The dead-letter queue as the sweep needs it. */
export interface LetterQueue {
  /** @returns at most 10 letters, hidden for a few seconds; none where there are none */
  receive(): Promise<readonly SweptLetter[]>;
  remove(letter: SweptLetter): Promise<void>;
  /** Sends a letter with the reason and removes the one without. */
  replace(letter: SweptLetter, attributes: Record<string, string>): Promise<void>;
  /** Makes a letter visible again now. */
  release(letter: SweptLetter): Promise<void>;
}
