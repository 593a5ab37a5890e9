import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A home directory with AWS files, and an environment for it. The machine's own files and variables are not used. */
export class AwsHome {
  readonly path: string;
  readonly #before = { ...process.env };

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<AwsHome> {
    const home = new AwsHome(await mkdtemp(join(tmpdir(), 'media-batch-home-')));
    home.environment({});
    return home;
  }

  /** Replaces the environment by PATH, HOME and the given variables. */
  environment(env: Readonly<Record<string, string>>): void {
    replaceEnvironment({ PATH: this.#before['PATH'], HOME: this.path, ...env });
  }

  /** @param name such as `.aws/config`; @returns its path */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  async remove(): Promise<void> {
    replaceEnvironment(this.#before);
    await rm(this.path, { recursive: true, force: true });
  }
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env))
    if (env[name] === undefined) Reflect.deleteProperty(process.env, name);
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
}
