import {
  deployEnumerator,
  findEnumerator,
  isElsewhere,
  isOutdated,
} from '../../app/stack/cloud-enqueue-stack.ts';
import { enumeratorName } from '../../core/stack/enumerator-contract.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { cancelled } from '../base/ask.ts';
import { withCancel } from '../base/with-cancel.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { eventWords } from './stack-events.ts';

/** What a bucket's cloud enqueue needs before it can run. */
export type MachineChange = 'add' | 'update' | undefined;

/** A bucket's state machine, as far as it is there. */
export interface Machine {
  readonly change: MachineChange;
  /** ARN; undefined where the stack must be made or updated first */
  readonly arn: string | undefined;
}

/**
 * @param mayBeOld true: for a run that goes on, the template of an older Media Batch does
 * @throws AwsError
 */
export async function findMachine(
  { services, stackName }: Session,
  bucket: string,
  pipeline: StackOutputs,
  mayBeOld = false,
): Promise<Machine> {
  const present = await findEnumerator(stackName, bucket, services.stacks);
  if (!present) return { change: 'add', arn: undefined };
  const mustChange = mayBeOld ? isElsewhere(present, pipeline) : isOutdated(present, pipeline);
  const isReady = present.machine !== undefined && !mustChange;
  return isReady ? { change: undefined, arn: present.machine } : { change: 'update', arn: undefined };
}

/** @returns what is made in the account before a bucket is enqueued, as a sentence of a question */
export function changeWords({ vs }: Pick<ScopeContext, 'vs'>, name: string, change: MachineChange): string {
  const { t } = vs.l10n;
  return {
    add: t(
      'Adds the stack "{0}": two state machines, a function, a log group and three roles, which may list this bucket, send to the work queue and count in the results table. Idle it costs nothing.',
      name,
    ),
    update: t(
      'Updates the stack "{0}" first: it was made by an older Media Batch, or for a queue or table that the pipeline no longer has. What it enqueues now goes on.',
      name,
    ),
    none: t('The bucket has its stack already.'),
  }[change ?? 'none'];
}

/** Makes or updates the stack of a bucket, with progress. @returns the ARN of its state machine. @throws as `deployEnumerator` */
export async function deployMachine(
  { vs, extensionUri }: Pick<ScopeContext, 'vs' | 'extensionUri'>,
  { services, stackName }: Session,
  bucket: string,
): Promise<string> {
  const file = await vs.workspace.fs.readFile(vs.Uri.joinPath(extensionUri, 'dist', 'enumerator.yaml'));
  const request = { stackName, bucket, templateBody: new TextDecoder().decode(file) };
  const title = vs.l10n.t('Deploying "{0}"', enumeratorName(stackName, bucket));
  const made = await withCancel(vs, title, (progress, { signal }) =>
    deployEnumerator(request, services.stacks, {
      signal,
      onEvent: (event) => {
        progress.report({ message: eventWords(event) });
      },
    }),
  );
  if (!made?.machine) throw cancelled();
  return made.machine;
}
