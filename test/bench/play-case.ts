import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Run, Task } from './contestant.ts';
import type { Arrivals, World } from './responder.ts';
import type { Case } from './cases.ts';

/** One run, with what has come to the far end. */
export interface Played {
  readonly run: Run;
  readonly arrivals: Arrivals;
  /** of the machine over the last minute, after the run */
  readonly load: number;
}

/** The process that answers for AWS. */
export class Responder {
  readonly #process: ChildProcess;
  readonly #endpoint: string;

  constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Responder> {
    const process = fork(join(import.meta.dirname, 'responder.ts'));
    const [{ port }] = (await once(process, 'message')) as [{ port: number }];
    return new Responder(process, port);
  }

  /** @throws Error where a key did not arrive, or arrived twice */
  async play({ name, who, world }: Case): Promise<Played> {
    await this.#ask<string>(world);
    const contestant = fork(join(import.meta.dirname, 'contestant.ts'));
    const task: Task = { who, endpoint: this.#endpoint };
    contestant.send(task);
    const ended = once(contestant, 'exit').then(() => {
      throw new Error(`${name} ended without a result.`);
    });
    const [run] = (await Promise.race([once(contestant, 'message'), ended])) as [Run];
    ended.catch(() => undefined);
    const arrivals = await this.#ask<Arrivals>('arrivals');
    const wanted = who === 'guide' || who === 'ours' ? world.keys : 0;
    // The guide's script sends no entry again, so that what SQS refuses is lost.
    const mayLose = who === 'guide' && world.failed > 0;
    const isPart = who === 'cancel' || mayLose;
    if (arrivals.doubles > 0 || (arrivals.keys !== wanted && !isPart)) {
      throw new Error(`${name}: ${arrivals.keys} of ${wanted} keys arrived, ${arrivals.doubles} twice.`);
    }
    return { run, arrivals, load: loadavg()[0] ?? 0 };
  }

  stop(): void {
    this.#process.disconnect();
  }

  async #ask<Answer>(message: World | 'arrivals'): Promise<Answer> {
    const answered = once(this.#process, 'message') as Promise<[Answer]>;
    this.#process.send(message);
    return (await answered)[0];
  }
}
