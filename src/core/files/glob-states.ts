/** Whether one character (a code point) is taken. */
export type Takes = (char: string) => boolean;

/** One state of a machine that reads a text from its first to its last character. */
export type State =
  /** takes one character and goes on to the next state */
  | { readonly does: 'take'; readonly takes: Takes }
  /** takes any number of characters, also none, and goes on to the next state */
  | { readonly does: 'repeat'; readonly takes: Takes }
  /** goes on to the next state and to the one `past` states further, both at once */
  | { readonly does: 'fork'; readonly past: number }
  | { readonly does: 'accept' };

/**
 * Runs all ways through the states side by side, each state at most once per character, so that no text takes longer
 * than its length times the number of states (K. Thompson's simulation, https://swtch.com/~rsc/regexp/regexp1.html).
 * @param states the first one is where it begins; each way ends in an `accept`
 * @returns whether an `accept` is reached with the whole text taken
 */
export function accepts(states: readonly State[], text: string): boolean {
  /** for each state the step in which it was last entered */
  const entered = new Int32Array(states.length);
  let step = 1;
  let active = enter(states, 0, step, entered, []);
  for (const char of text) {
    step += 1;
    const next: number[] = [];
    for (const at of active) {
      const state = states[at];
      if (state?.does === 'take' && state.takes(char)) enter(states, at + 1, step, entered, next);
      if (state?.does === 'repeat' && state.takes(char)) enter(states, at, step, entered, next);
    }
    if (next.length === 0) return false;
    active = next;
  }
  return active.some((at) => states[at]?.does === 'accept');
}

/** Adds to `active` a state and those that are reached from it without a character, unless they are there. */
function enter(
  states: readonly State[],
  from: number,
  step: number,
  entered: Int32Array,
  active: number[],
): number[] {
  let at = from;
  while (entered[at] !== step) {
    entered[at] = step;
    const state = states[at];
    if (state?.does === 'fork') {
      enter(states, at + 1, step, entered, active);
      at += state.past;
      continue;
    }
    active.push(at);
    if (state?.does !== 'repeat') break;
    at += 1;
  }
  return active;
}
