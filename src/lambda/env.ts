/**
 * Reads the handler's environment once, when its container starts.
 * @param names variables that the template sets; a variable may be empty but not missing
 * @throws Error naming the missing variable
 */
export function fromEnv<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const values = names.map((name) => {
    const value = process.env[name];
    if (value === undefined)
      throw new Error(`The function has no environment variable ${name}: update the stack.`);
    return [name, value] as const;
  });
  return Object.fromEntries(values) as Record<Name, string>;
}
