import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  ListStacksCommand,
  StackStatus,
  type Change,
  type Parameter,
  type StackEvent as CloudFormationEvent,
} from '@aws-sdk/client-cloudformation';
import type {
  ChangeSet,
  ChangeSetRequest,
  ResourceChange,
  Stack,
  StackEvent,
  StackOwner,
  StackService,
  StackSummary,
} from '../core/stack/stack-service.ts';
import { TEMPLATE_DESCRIPTION } from '../core/stack/stack-contract.ts';
import { isMissing } from './errors/aws-errors.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** CloudFormation through change sets, so that the user sees a change before it happens. */
export class CloudFormationStackService implements StackService {
  readonly #cloudFormation: ServiceCaller<CloudFormationClient>;

  constructor(clients: AwsClients) {
    this.#cloudFormation = clients.service('cloudformation', (config) => new CloudFormationClient(config));
  }

  async describe(stackName: string, signal?: AbortSignal): Promise<Stack | undefined> {
    const command = new DescribeStacksCommand({ StackName: stackName });
    const { Stacks } = await this.#cloudFormation.call(
      'DescribeStacks',
      (client) => client.send(command, abortable(signal)),
      {
        subject: `stack "${stackName}"`,
        recover: (failure) => (isMissing(failure) ? { Stacks: [], $metadata: {} } : undefined),
      },
    );
    const stack = Stacks?.[0];
    return (
      stack && {
        id: stack.StackId ?? stackName,
        status: stack.StackStatus ?? 'UNKNOWN',
        reason: stack.StackStatusReason,
        outputs: Object.fromEntries(
          (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
        ),
        parameters: Object.fromEntries(
          (stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [
            ParameterKey ?? '',
            ParameterValue ?? '',
          ]),
        ),
        tags: Object.fromEntries((stack.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
        changedAt: stack.LastUpdatedTime ?? stack.CreationTime,
      }
    );
  }

  /** CloudFormation answers with all resources of the stack that has this one. */
  async ownerOf(resource: string, signal?: AbortSignal): Promise<StackOwner | undefined> {
    const command = new DescribeStackResourcesCommand({ PhysicalResourceId: resource });
    const { StackResources } = await this.#cloudFormation.call(
      'DescribeStackResources',
      (client) => client.send(command, abortable(signal)),
      {
        subject: `resource "${resource}"`,
        recover: (failure) => (isMissing(failure) ? { StackResources: [], $metadata: {} } : undefined),
      },
    );
    const { StackName, StackId } = StackResources?.[0] ?? {};
    return StackName === undefined || StackId === undefined ? undefined : { name: StackName, id: StackId };
  }

  /** Raises `not-found` for an update of a missing stack, `conflict` while the stack is busy. */
  async createChangeSet(request: ChangeSetRequest, signal?: AbortSignal): Promise<string> {
    const { stackName, tags, token } = request;
    const command = new CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: token,
      ChangeSetType: request.create ? 'CREATE' : 'UPDATE',
      TemplateBody: request.templateBody,
      Parameters: toParameters(request),
      // An empty list takes all tags away, and no list keeps them.
      Tags: tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      Capabilities: ['CAPABILITY_IAM'],
      ClientToken: token,
    });
    const result = await this.#cloudFormation.call(
      'CreateChangeSet',
      (client) => client.send(command, abortable(signal)),
      { subject: `stack "${stackName}"` },
    );
    return result.Id ?? token;
  }

  /** A change set without changes has status FAILED and AWS's reason. */
  async describeChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<ChangeSet> {
    const changes: ResourceChange[] = [];
    let token: string | undefined;
    for (;;) {
      const command = new DescribeChangeSetCommand({
        StackName: stackName,
        ChangeSetName: id,
        NextToken: token,
      });
      const page = await this.#cloudFormation.call(
        'DescribeChangeSet',
        (client) => client.send(command, abortable(signal)),
        { subject: `change set of stack "${stackName}"` },
      );
      changes.push(...(page.Changes ?? []).flatMap(toChange));
      token = page.NextToken;
      if (!token) {
        return {
          id: page.ChangeSetId ?? id,
          status: page.Status ?? 'UNKNOWN',
          reason: page.StatusReason,
          changes,
        };
      }
    }
  }

  async executeChangeSet(stackName: string, id: string, token: string, signal?: AbortSignal): Promise<void> {
    const command = new ExecuteChangeSetCommand({
      StackName: stackName,
      ChangeSetName: id,
      ClientRequestToken: token,
    });
    await this.#cloudFormation.call('ExecuteChangeSet', (client) => client.send(command, abortable(signal)), {
      subject: `change set of stack "${stackName}"`,
    });
  }

  async deleteChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<void> {
    const command = new DeleteChangeSetCommand({ StackName: stackName, ChangeSetName: id });
    await this.#cloudFormation.call('DeleteChangeSet', (client) => client.send(command, abortable(signal)), {
      subject: `change set of stack "${stackName}"`,
    });
  }

  async list(
    signal?: AbortSignal,
    description: string = TEMPLATE_DESCRIPTION,
  ): Promise<readonly StackSummary[]> {
    const found: StackSummary[] = [];
    let token: string | undefined;
    do {
      const command = new ListStacksCommand({ StackStatusFilter: PRESENT, NextToken: token });
      const page = await this.#cloudFormation.call('ListStacks', (client) =>
        client.send(command, abortable(signal)),
      );
      for (const { StackName, StackStatus: status, TemplateDescription } of page.StackSummaries ?? []) {
        if (StackName === undefined || TemplateDescription !== description) continue;
        found.push({ name: StackName, status: status ?? 'UNKNOWN' });
      }
      token = page.NextToken;
    } while (token);
    return found.sort((a, b) => a.name.localeCompare(b.name));
  }

  async cancelUpdate(stackName: string, signal?: AbortSignal): Promise<void> {
    const command = new CancelUpdateStackCommand({ StackName: stackName });
    await this.#cloudFormation.call(
      'CancelUpdateStack',
      (client) => client.send(command, abortable(signal)),
      {
        subject: `stack "${stackName}"`,
      },
    );
  }

  async continueRollback(stackName: string, token: string, signal?: AbortSignal): Promise<void> {
    const command = new ContinueUpdateRollbackCommand({ StackName: stackName, ClientRequestToken: token });
    await this.#cloudFormation.call(
      'ContinueUpdateRollback',
      (client) => client.send(command, abortable(signal)),
      { subject: `stack "${stackName}"` },
    );
  }

  async deleteStack(stackName: string, signal?: AbortSignal): Promise<void> {
    const command = new DeleteStackCommand({ StackName: stackName });
    await this.#cloudFormation.call('DeleteStack', (client) => client.send(command, abortable(signal)), {
      subject: `stack "${stackName}"`,
    });
  }

  async *events(stackId: string, signal?: AbortSignal): AsyncIterable<readonly StackEvent[]> {
    let token: string | undefined;
    do {
      const command = new DescribeStackEventsCommand({ StackName: stackId, NextToken: token });
      const page = await this.#cloudFormation.call(
        'DescribeStackEvents',
        (client) => client.send(command, abortable(signal)),
        { subject: `stack "${stackId}"` },
      );
      yield (page.StackEvents ?? []).map(toEvent);
      token = page.NextToken;
    } while (token);
  }
}

/** Every status except that of deleted stacks. */
const PRESENT = Object.values(StackStatus).filter((status) => status !== StackStatus.DELETE_COMPLETE);

function toParameters({ parameters, previous }: ChangeSetRequest): Parameter[] {
  return [
    ...Object.entries(parameters).map(([name, value]) => ({ ParameterKey: name, ParameterValue: value })),
    ...previous.map((name) => ({ ParameterKey: name, UsePreviousValue: true })),
  ];
}

function toChange({ ResourceChange: change }: Change): ResourceChange[] {
  if (change?.Action === undefined) return [];
  const { Action, LogicalResourceId, ResourceType, Replacement } = change;
  return [
    {
      action: ACTIONS.find((known) => known === Action) ?? 'Dynamic',
      logicalId: LogicalResourceId ?? '',
      type: ResourceType ?? '',
      replacement: REPLACEMENTS.find((known) => known === Replacement),
    },
  ];
}

const ACTIONS = ['Add', 'Modify', 'Remove', 'Import', 'Dynamic'] as const;
const REPLACEMENTS = ['True', 'False', 'Conditional'] as const;

function toEvent(event: CloudFormationEvent): StackEvent {
  return {
    id: event.EventId ?? '',
    at: event.Timestamp ?? new Date(0),
    logicalId: event.LogicalResourceId ?? '',
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? 'UNKNOWN',
    reason: event.ResourceStatusReason,
    token: event.ClientRequestToken,
  };
}
