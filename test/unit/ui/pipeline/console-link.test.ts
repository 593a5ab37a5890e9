import assert from 'node:assert/strict';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { openConsoleCommand, withConsole } from '../../../../src/ui/pipeline/console-link.ts';
import { pipelineRows } from '../../../../src/ui/pipeline/pipeline-rows.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { PIPELINE } from '../../../helpers/fakes.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

describe('Open in AWS Console', () => {
  const stackId = 'arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/media-batch/1';
  const pipeline = {
    stack: { ...stackOf('CREATE_COMPLETE'), id: stackId, outputs: OUTPUT_VALUES },
    outputs: { ...PIPELINE, stackId },
  } as unknown as PipelineSnapshot;
  const pageOf = ({ data }: ViewNode): string => (data as { console?: string } | undefined)?.console ?? '';

  it('is on the rows that have a page, with the page of each', async () => {
    const { ui } = fixture();
    const facts = { pipeline, throughput: undefined, operation: undefined, failed: false, now: 0 };
    const rows = pipelineRows(ui.vs, facts);
    const outputs = rows.find(({ id }) => id === 'outputs');
    const all = [...rows, ...((await outputs?.children?.(new AbortController().signal)) ?? [])];
    const linked = all.filter(({ tokens }) => tokens.includes('console'));
    assert.deepEqual(
      linked.map((row) => [row.id, /#.*/.exec(decodeURIComponent(pageOf(row)))?.[0]]),
      [
        ['dispatch', '#/functions/value-of-consumerFunction?tab=monitoring'],
        ['queue', '#/queues/work'],
        ['dead-letters', '#/queues/dead'],
        ['reconciler', '#/functions/value-of-reconcilerFunction?tab=monitoring'],
        ['stack', `#/stacks/stackinfo?stackId=${stackId}`],
        ['output ConsumerFunctionName', '#/functions/value-of-consumerFunction?tab=monitoring'],
        ['output DeadLetterQueueUrl', '#/queues/dead'],
        ['output ReconcilerFunctionName', '#/functions/value-of-reconcilerFunction?tab=monitoring'],
        ['output ResultsTableName', '#table?name=value-of-resultsTable'],
        ['output WorkQueueUrl', '#/queues/work'],
      ].filter(([id = '']) => !id.startsWith('output ') || id.slice(7) in OUTPUT_VALUES),
    );
    for (const row of linked) assert.match(pageOf(row), /^https:\/\/console\.amazonaws\.cn\//);
    assert.ok(all.some(({ tokens }) => tokens.includes('value') && tokens.includes('console')));
    const unknown = { ...pipeline, outputs: { ...PIPELINE, stackId: 'arn:stack/1' } } as PipelineSnapshot;
    const row: ViewNode = { id: 'queue', label: '', tokens: [] };
    assert.equal(withConsole(row, unknown), row);
    assert.equal(withConsole(row, undefined), row);
  });

  it('opens exactly that address, and none of an emulator', async () => {
    const made = fixture();
    const { ui, stub, connection } = made;
    const row = withConsole({ id: 'queue', label: '', tokens: [] }, pipeline);
    await openConsoleCommand(ui, row);
    assert.deepEqual(stub.executed.at(-1), { id: 'vscode.open', args: [pageOf(row)] });
    await assert.rejects(openConsoleCommand(ui), /Choose a row of the Pipeline view/);
    const session = { ...connection.session, endpoint: 'http://localhost:4566' };
    connection.become({ kind: 'ready', session });
    await assert.rejects(
      openConsoleCommand(ui, row),
      /is at http:\/\/localhost:4566, which has no AWS console/,
    );
  });
});
