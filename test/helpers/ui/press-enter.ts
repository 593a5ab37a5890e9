import type { Answer } from './vscode-stub.ts';

/** Presses Enter: takes an input's value, the active item of a pick, the first button of a message. */
export const enter: Answer = ({ kind, choices, picked }) =>
  kind === 'pick' ? (picked?.[0] ?? choices[0]) : choices[0];

/** Answers the questions of these steps in turn, and presses Enter everywhere else. */
export function answering(answers: Readonly<Record<number, readonly ReturnType<Answer>[]>>): Answer {
  const left = new Map(Object.entries(answers).map(([step, given]) => [Number(step), [...given]]));
  return (shown) => {
    const given = shown.step === undefined ? undefined : left.get(shown.step);
    return given && given.length > 0 ? given.shift() : enter(shown);
  };
}
