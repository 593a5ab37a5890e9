/** Whether one character (a code point) is taken. */
export type Takes = (char: string) => boolean;

/** One state of a machine that reads a text from its first to its last character. */
export type State =
  /** takes one character and moves to the next state */
  | { readonly does: 'take'; readonly takes: Takes }
  /** takes any number of characters, or none, and moves to the next state */
  | { readonly does: 'repeat'; readonly takes: Takes }
  /** moves both to the next state and to the one `past` states further */
  | { readonly does: 'fork'; readonly past: number }
  | { readonly does: 'accept' };

/**
 * Follows all paths through the states at the same time, each state at most once per character. So the time is at most
 * the text's length times the number of states (K. Thompson's simulation, https://swtch.com/~rsc/regexp/regexp1.html).
 * @param states the first one is the start; each path ends in an `accept`
 * @returns whether a path has reached `accept` at the end of the text
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

/** Adds a state to `active`, and the states that it reaches without a character; each state only once per step. */
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
