/** Long work that can rest after each step: it yields there, and returns its result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Runs it without a rest: for few things, or where nobody waits. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
