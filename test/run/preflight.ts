import { findPython, PythonMissingError } from '../../src/local/tools/python-interpreter.ts';
import {
  BrowserMissingError,
  canBringBrowser,
  explainMissingBrowser,
  findBrowser,
} from '../browser/find-browser.ts';
import { explainMissingJava } from '../helpers/elasticmq.ts';

/** What the machine lacks and the project cannot bring, each a sentence with the command to get it. */
export interface Lacks {
  /** without these there is no test */
  readonly required: readonly string[];
  /** without these a part is skipped */
  readonly optional: readonly string[];
}

/** Looks for all that the whole test needs; takes a second or two. */
export async function findLacks(): Promise<Lacks> {
  const [python, java] = await Promise.all([lacksPython(), explainMissingJava()]);
  return {
    required: [lacksSystem(), python, lacksBrowser()].filter((lack) => lack !== undefined),
    optional: java === undefined ? [] : [`${java}.`],
  };
}

function lacksSystem(): string | undefined {
  return process.platform === 'win32' ? 'The tests need Linux, macOS or WSL: start them there.' : undefined;
}

async function lacksPython(): Promise<string | undefined> {
  try {
    await findPython();
    return undefined;
  } catch (error) {
    if (error instanceof PythonMissingError) return error.message;
    throw error;
  }
}

function lacksBrowser(): string | undefined {
  try {
    return findBrowser() === undefined && !canBringBrowser() ? explainMissingBrowser() : undefined;
  } catch (error) {
    if (error instanceof BrowserMissingError) return error.message;
    throw error;
  }
}
