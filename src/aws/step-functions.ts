import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import type { RunInput } from '../core/batch/cloud-run.ts';
import type { CloudRuns, RunState } from '../core/batch/cloud-runs.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** What `recover` gives where the answer is really "no". */
const NONE = Symbol('none');

/** Executions of Step Functions and their Map Runs. */
export class StepFunctionsRuns implements CloudRuns {
  readonly #states: ServiceCaller<SFNClient>;

  constructor(clients: AwsClients) {
    this.#states = clients.service('states', (config) => new SFNClient(config));
  }

  /** The name makes it idempotent: for the same input AWS answers with the run that exists, for another it refuses. */
  async start(machine: string, name: string, input: RunInput, signal?: AbortSignal): Promise<void> {
    const command = new StartExecutionCommand({
      stateMachineArn: machine,
      name,
      input: JSON.stringify(input),
    });
    await this.#states.call<unknown>('StartExecution', (states) => states.send(command, abortable(signal)), {
      subject: 'cloud enqueue',
      recover: ({ name: error }) => (error === 'ExecutionAlreadyExists' ? NONE : undefined),
    });
  }

  async describe(execution: string, signal?: AbortSignal): Promise<RunState | undefined> {
    const command = new DescribeExecutionCommand({ executionArn: execution });
    const found = await this.#states.call<DescribeExecutionCommandOutput | typeof NONE>(
      'DescribeExecution',
      (states) => states.send(command, abortable(signal)),
      { recover: ({ name }) => (name === 'ExecutionDoesNotExist' ? NONE : undefined) },
    );
    if (found === NONE) return undefined;
    return {
      status: found.status ?? 'RUNNING',
      error: found.error,
      cause: found.cause,
      stoppedAt: found.stopDate,
      map: await this.#map(execution, signal),
    };
  }

  async recent(machine: string, signal?: AbortSignal): Promise<readonly string[]> {
    const command = new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 10 });
    const { executions = [] } = await this.#states.call('ListExecutions', (states) =>
      states.send(command, abortable(signal)),
    );
    return executions
      .toSorted((a, b) => Number(b.startDate) - Number(a.startDate))
      .flatMap(({ name }) => name ?? []);
  }

  async isBusy(machine: string, signal?: AbortSignal): Promise<boolean> {
    const command = new ListExecutionsCommand({
      stateMachineArn: machine,
      statusFilter: 'RUNNING',
      maxResults: 1,
    });
    const { executions = [] } = await this.#states.call('ListExecutions', (states) =>
      states.send(command, abortable(signal)),
    );
    return executions.length > 0;
  }

  async stop(execution: string, error: string, signal?: AbortSignal): Promise<void> {
    const command = new StopExecutionCommand({ executionArn: execution, error });
    await this.#states.call<unknown>('StopExecution', (states) => states.send(command, abortable(signal)), {
      recover: ({ name }) => (/^(ExecutionDoesNotExist|ValidationException)$/.test(name) ? NONE : undefined),
    });
  }

  async redrive(execution: string, signal?: AbortSignal): Promise<boolean> {
    const command = new RedriveExecutionCommand({ executionArn: execution });
    const answer = await this.#states.call<unknown>(
      'RedriveExecution',
      (states) => states.send(command, abortable(signal)),
      {
        recover: ({ name }) =>
          /^(ExecutionDoesNotExist|ExecutionNotRedrivable)$/.test(name) ? NONE : undefined,
      },
    );
    return answer !== NONE;
  }

  async setPace(mapRun: string, maxConcurrency: number, signal?: AbortSignal): Promise<void> {
    const command = new UpdateMapRunCommand({ mapRunArn: mapRun, maxConcurrency });
    await this.#states.call('UpdateMapRun', (states) => states.send(command, abortable(signal)));
  }

  async firstFailure(
    mapRun: string,
    signal?: AbortSignal,
  ): Promise<{ error: string; cause: string } | undefined> {
    const list = new ListExecutionsCommand({ mapRunArn: mapRun, statusFilter: 'FAILED', maxResults: 1 });
    const { executions = [] } = await this.#states.call('ListExecutions', (states) =>
      states.send(list, abortable(signal)),
    );
    const [failed] = executions;
    if (!failed) return undefined;
    const describe = new DescribeExecutionCommand({ executionArn: failed.executionArn });
    const { error = '', cause = '' } = await this.#states.call('DescribeExecution', (states) =>
      states.send(describe, abortable(signal)),
    );
    return { error, cause };
  }

  /** A redrive goes on with the Map Run that there is; where an emulator makes another one, the newest counts. */
  async #map(execution: string, signal: AbortSignal | undefined): Promise<RunState['map']> {
    const list = new ListMapRunsCommand({ executionArn: execution });
    const { mapRuns = [] } = await this.#states.call('ListMapRuns', (states) =>
      states.send(list, abortable(signal)),
    );
    const [newest] = mapRuns.toSorted((a, b) => Number(b.startDate) - Number(a.startDate));
    if (!newest?.mapRunArn) return undefined;
    const describe = new DescribeMapRunCommand({ mapRunArn: newest.mapRunArn });
    const { itemCounts, maxConcurrency = 0 } = await this.#states.call('DescribeMapRun', (states) =>
      states.send(describe, abortable(signal)),
    );
    const { total = 0, pending = 0, running = 0, succeeded = 0, failed = 0 } = itemCounts ?? {};
    return {
      arn: newest.mapRunArn,
      items: { total, pending, running, succeeded, failed },
      maxConcurrency,
    };
  }
}
