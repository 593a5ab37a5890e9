import type { StackOutputs } from './stack-contract.ts';

/** The console's host in each partition with a public console (AWS General Reference, "ARNs": partitions). */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['aws', 'console.aws.amazon.com'],
  ['aws-cn', 'console.amazonaws.cn'],
  ['aws-us-gov', 'console.amazonaws-us-gov.com'],
]);
const STACK_ARN = /^arn:(aws[a-z-]*):cloudformation:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):\d{12}:stack\/./;

/** What has a page in the console. A function's page shows its log and leads to its log group. */
export type ConsoleThing = 'stack' | 'workQueue' | 'deadLetterQueue' | 'results' | 'consumer' | 'reconciler';

/** The stack's names of its things, as its outputs have them. */
export type ConsoleNames = Pick<StackOutputs, 'stackId'> &
  Partial<
    Pick<
      StackOutputs,
      'workQueueUrl' | 'deadLetterQueueUrl' | 'resultsTable' | 'consumerFunction' | 'reconcilerFunction'
    >
  >;

/**
 * @returns the address of a thing's page in the AWS console, in the partition and region of the stack's ARN; undefined where
 * the partition has no public console, or the stack does not name the thing. Every name is encoded: outputs hold any text
 */
export function consoleAddress(names: ConsoleNames, thing: ConsoleThing): string | undefined {
  const [, partition = '', region = ''] = STACK_ARN.exec(names.stackId) ?? [];
  const host = HOSTS.get(partition);
  const page = pageOf(names, thing);
  if (host === undefined || page === undefined) return undefined;
  const [service, fragment] = page;
  return `https://${host}/${service}/home?region=${region}#${fragment}`;
}

/** @returns the service's path and the fragment that its console shows a thing by */
function pageOf(names: ConsoleNames, thing: ConsoleThing): readonly [string, string] | undefined {
  const { stackId, workQueueUrl, deadLetterQueueUrl, resultsTable, consumerFunction, reconcilerFunction } =
    names;
  const queue = (url: string): readonly [string, string] => ['sqs/v3', `/queues/${encoded(url)}`];
  const log = (name: string): readonly [string, string] => [
    'lambda',
    `/functions/${encoded(name)}?tab=monitoring`,
  ];
  switch (thing) {
    case 'stack':
      return ['cloudformation', `/stacks/stackinfo?stackId=${encoded(stackId)}`];
    case 'workQueue':
      return workQueueUrl ? queue(workQueueUrl) : undefined;
    case 'deadLetterQueue':
      return deadLetterQueueUrl ? queue(deadLetterQueueUrl) : undefined;
    case 'results':
      return resultsTable ? ['dynamodbv2', `table?name=${encoded(resultsTable)}`] : undefined;
    case 'consumer':
      return consumerFunction ? log(consumerFunction) : undefined;
    case 'reconciler':
      return reconcilerFunction ? log(reconcilerFunction) : undefined;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
