import { registerHooks } from 'node:module';
import type * as vscode from 'vscode';

/**
 * Imports a module that imports `vscode` at run time, with the stub in its place; each call gets a fresh copy of it.
 * @param url of the module, as `new URL('…', import.meta.url)` gives it
 * @returns its exports, and the specifiers that it and everything else asks for until `release` is called
 */
export async function importWith(
  vs: typeof vscode,
  url: URL,
): Promise<{ exports: unknown; imported: readonly string[]; release: () => void }> {
  const key = `vscode-stub-${process.hrtime.bigint().toString(36)}`;
  const imported: string[] = [];
  Reflect.set(globalThis, key, vs);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      imported.push(specifier);
      if (specifier === 'vscode') return { url: `${key}:vscode`, format: 'module', shortCircuit: true };
      return next(specifier, context);
    },
    load(loaded, context, next) {
      if (loaded !== `${key}:vscode`) return next(loaded, context);
      const names = Object.keys(vs).map((name) => `export const ${name} = globalThis['${key}'].${name};`);
      return { format: 'module', source: names.join('\n'), shortCircuit: true };
    },
  });
  const release = (): void => {
    hooks.deregister();
    Reflect.deleteProperty(globalThis, key);
  };
  return { exports: await import(`${url.href}?${key}`), imported, release };
}
