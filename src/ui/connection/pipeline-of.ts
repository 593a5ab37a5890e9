import { findPipeline } from '../../app/pipeline.ts';
import { AwsError } from '../../core/errors.ts';
import type { StackOutputs } from '../../core/stack-contract.ts';
import type { CloudServices } from '../../core/cloud-services.ts';
import type { PendingSession } from './session.ts';

/** A session's stack is looked up once: every view and command starts from the same answer. */
const known = new WeakMap<CloudServices, Map<string, Promise<StackOutputs>>>();

/**
 * @returns the outputs of the session's stack; one request the first time, none after it
 * @throws DeployError `not-deployed`, AwsError
 */
export function pipelineOf({ services, stackName }: PendingSession): Promise<StackOutputs> {
  const stacks = known.get(services) ?? new Map<string, Promise<StackOutputs>>();
  known.set(services, stacks);
  const asked = stacks.get(stackName);
  if (asked) return asked;
  const answer = findPipeline(stackName, services.stacks);
  stacks.set(stackName, answer);
  answer.catch(() => stacks.delete(stackName));
  return answer;
}

/**
 * Reads with the outputs of the session's stack. Where something of the stack is not found, as after it was replaced, the
 * outputs are looked up anew and `work` is run once more.
 * @param work only reads: whatever changes something starts from `findPipeline`, or from outputs that were just read with
 */
export async function withPipeline<Result>(
  session: PendingSession,
  work: (pipeline: StackOutputs) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(await pipelineOf(session));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'not-found') throw error;
    known.get(session.services)?.delete(session.stackName);
    return work(await pipelineOf(session));
  }
}
