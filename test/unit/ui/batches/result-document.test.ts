import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { DeadLetter } from '../../../../src/app/batch/dead-letters.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import type { BatchStore } from '../../../../src/core/batch/batch-store.ts';
import { leftOut } from '../../../../src/core/batch/left-out.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import {
  copyJobIdCommand,
  openOutputCommand,
  openResultCommand,
  revealSourceCommand,
} from '../../../../src/ui/batches/result-commands.ts';
import { ResultDocuments } from '../../../../src/ui/batches/result-document.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const AT = '2026-11-23T14:02:00.000Z';

function item(change: Partial<ResultItem> = {}): ResultItem {
  return {
    bucket: 'film-archive',
    key: '1999/reel 7+8.mov',
    batch: 'b1',
    status: 'succeeded',
    kind: 'video',
    attempts: 1,
    run: 1,
    reference: 'r',
    claim: 'c',
    created_at: AT,
    updated_at: AT,
    history: [{ status: 'submitting', at: AT, attempts: 1 }],
    rev: 3,
    ...change,
  };
}

function row(change: Partial<ResultItem> = {}): ViewNode {
  return { id: 'x', label: 'x', tokens: ['file'], data: { item: item(change), value: '' } };
}

function open(stored: ResultItem | undefined | Error) {
  const asked: unknown[] = [];
  const batches = {
    result: async (table: string, file: unknown) => {
      asked.push([table, file]);
      if (stored instanceof Error) throw stored;
      return stored;
    },
  };
  const services = { batches: batches as unknown as BatchStore };
  const made = fixture(() => undefined, { existing: stackOf('UPDATE_COMPLETE'), services });
  return { ...made, asked, documents: new ResultDocuments(made.ui) };
}

describe('a result document', () => {
  it('has the important fields first, the history, and no field of the claim', async () => {
    const { ui, stub, documents } = open(item({ output_url: 'https://x.test/o.mp4' }));
    await openResultCommand(ui, documents, row());
    const [document] = stub.documents;
    const content = JSON.parse(document?.text ?? '') as Record<string, unknown>;
    assert.deepEqual(Object.keys(content).slice(0, 3), ['file', 'status', 'output_url']);
    assert.equal(content['file'], 's3://film-archive/1999/reel 7+8.mov');
    assert.deepEqual(content['history'], [{ status: 'submitting', at: AT, attempts: 1 }]);
    assert.ok(!('claim' in content) && !('rev' in content));
  });

  it('says first what is in doubt and which batch did the work, and leaves out what only the rules read', async () => {
    const rules = { sent: 's', work: 'work#1#-', looks: 2, due_at: AT, unclear: true };
    const first = async (change: Partial<ResultItem>): Promise<Record<string, unknown>> => {
      const { ui, stub, documents } = open(item({ ...rules, ...change }));
      await openResultCommand(ui, documents, row());
      const content = JSON.parse(stub.documents[0]?.text ?? '') as Record<string, unknown>;
      for (const name of ['sent', 'work', 'looks', 'due_at']) assert.ok(!(name in content), name);
      return content;
    };
    const dead = await first({ status: 'dead', cannot_tell: true, error: 'Who knows' });
    assert.deepEqual(Object.keys(dead).slice(1, 5), ['status', 'cannot_tell', 'unclear', 'error']);
    const done = await first({ status: 'covered', covered_by: 'b0', output_url: 'https://x.test/o.mp4' });
    assert.deepEqual(Object.keys(done).slice(1, 4), ['status', 'covered_by', 'output_url']);
    assert.ok(!('unclear' in (await first({ status: 'submitting' }))));
    const given = await first({ status: 'cancelled', given_up: true, etag: '"e"', size: 7 });
    assert.deepEqual([given['given_up'], given['etag'], given['size']], [true, '"e"', 7]);
  });

  it('says who left the file out, and nothing of a flag about an earlier failure', async () => {
    const mark = { at: AT, by: 'user/ann', note: 'not needed' };
    const flagged = leftOut(item({ status: 'failed' }), mark)!;
    for (const [stored, expected] of [
      [flagged, mark],
      [{ ...flagged, updated_at: '2026-11-24T00:00:00.000Z' }, undefined],
    ] as const) {
      const { ui, stub, documents } = open(stored);
      await openResultCommand(ui, documents, row());
      const content = JSON.parse(stub.documents[0]?.text ?? '') as Record<string, unknown>;
      assert.deepEqual(content['left_out'], expected);
    }
  });

  it('finds its item again by the address alone, with any key', async () => {
    for (const key of ['a b?c#d%2F.mov', '../..', '\u202E\n', 'ü/映画.mov', 'a'.repeat(1024)]) {
      const { ui, documents, asked } = open(item({ key }));
      await openResultCommand(ui, documents, row({ key }));
      assert.deepEqual(asked, [['value-of-ResultsTableName', { batch: 'b1', bucket: 'film-archive', key }]]);
    }
  });

  it('says in the document why there is no result', async () => {
    const details = { operation: 'dynamodb:GetItem', awsCode: 'x' };
    for (const [stored, message] of [
      [undefined, /no result in batch b1 yet/],
      [new AwsError('unreachable', 'AWS does not answer.', details), /AWS does not answer/],
    ] as const) {
      const { ui, stub, documents } = open(stored);
      await openResultCommand(ui, documents, row());
      assert.match(stub.documents[0]?.text ?? '', message);
    }
  });

  /** What the editor does for an open document. */
  function followed({ stub, watch }: ReturnType<typeof open>) {
    const provider = stub.contentProviders.get('media-batch');
    const fired: vscode.Uri[] = [];
    provider?.onDidChange?.((uri) => fired.push(uri));
    const tell = (counts: Partial<Record<Status, number>>): void => {
      const record = { meta: undefined, checkpoints: [], counts: { ...zeroCounts(), ...counts } };
      const reading = { batches: new Map([['b1', record]]), problems: {}, busy: false };
      watch.tell({ reading, error: undefined });
    };
    const content = async (uri = fired.at(-1)) => {
      const token = { isCancellationRequested: false } as never;
      const text = uri && (await provider?.provideTextDocumentContent(uri, token));
      return JSON.parse(text ?? '{}') as Record<string, unknown>;
    };
    return { fired, tell, content };
  }

  it('of a dead file follows the file, with a read only when its batch moves', async () => {
    const change = { status: 'dead' as Status };
    const made = open(item());
    made.ui.connection.use = (work) =>
      work({
        stackName: 'media-batch',
        services: { ...made.connection.session.services, batches: { result: async () => item(change) } },
      } as never);
    const { fired, tell, content } = followed(made);
    tell({ dead: 1 });
    await openResultCommand(made.ui, made.documents, row());
    fired.length = 0;
    tell({ dead: 1 });
    assert.equal(fired.length, 0, 'nothing has moved');
    change.status = 'submitted';
    tell({ submitted: 1 });
    assert.equal(fired.length, 1);
    const back = await content();
    assert.deepEqual([back['note'], back['status']], ['No longer a dead letter.', 'submitted']);
    change.status = 'succeeded';
    tell({ succeeded: 1 });
    assert.equal((await content())['status'], 'succeeded');
    tell({ succeeded: 2 });
    assert.equal(fired.length, 2, 'it is over');
  });

  it('of a dead letter is that of its file, once the table knows the file', async () => {
    const file = { batch: 'b1', bucket: 'film-archive', key: '1999/reel 7+8.mov', etag: 'e', size: 1 };
    const letter = {
      ...{ id: 'm1', file, body: '{}', receiveCount: 1, expiresAt: new Date(AT) },
      ...{ failureClass: 'rejected', reason: 'cannot read input', attempts: 1, failedAt: AT },
    } as unknown as DeadLetter;
    const made = open(item({ status: 'submitted' }));
    const { fired, tell, content } = followed(made);
    await made.documents.openLetter(letter);
    assert.equal(
      (JSON.parse(made.stub.documents[0]?.text ?? '') as { reason: string }).reason,
      letter.reason,
    );
    assert.deepEqual(made.asked, [], 'as it was listed');
    fired.length = 0;
    tell({ submitted: 1 });
    const now = await content();
    assert.deepEqual([now['note'], now['status']], ['No longer a dead letter.', 'submitted']);
    assert.equal(made.asked.length, 1);
  });

  it('refuses an address that was made up', async () => {
    const { stub, asked } = open(item());
    const provider = stub.contentProviders.get('media-batch');
    for (const query of [
      '',
      'x',
      Buffer.from('null').toString('base64url'),
      Buffer.from('{"batch":1}').toString('base64url'),
    ]) {
      const uri = stub.vs.Uri.from({ scheme: 'media-batch', path: '/x.json', query });
      const token = { isCancellationRequested: false } as never;
      assert.match(
        String(await provider?.provideTextDocumentContent(uri, token)),
        /"error": ".*Batches view|its view/,
      );
    }
    assert.deepEqual(asked, []);
  });
});

describe('the commands on a file', () => {
  it('open an output on the web, copy one in S3, and refuse any other address', async () => {
    const { ui, stub } = open(undefined);
    await openOutputCommand(ui, row({ output_url: 'https://cdn.test/o.mp4' }));
    assert.deepEqual(stub.opened, ['https://cdn.test/o.mp4']);
    await openOutputCommand(ui, row({ output_url: 's3://out/o.mp4' }));
    assert.deepEqual(stub.clipboard, ['s3://out/o.mp4']);
    for (const output_url of [
      'file:///etc/passwd',
      'command:workbench.action.quit',
      'javascript:alert(1)',
      'nonsense',
      '',
    ]) {
      await assert.rejects(openOutputCommand(ui, row({ output_url })), /not one that a browser can open/);
    }
    assert.equal(stub.opened.length, 1);
  });

  it('copy the job id, and reveal the source', async () => {
    const { ui, stub } = open(undefined);
    await copyJobIdCommand(ui, row({ job_id: 'job_1' }));
    assert.deepEqual(stub.clipboard, ['job_1']);
    await assert.rejects(copyJobIdCommand(ui, row()), /not created a job/);
    const revealed: unknown[] = [];
    await revealSourceCommand(ui, async (location) => void revealed.push(location), row());
    assert.deepEqual(revealed, [{ bucket: 'film-archive', key: '1999/reel 7+8.mov' }]);
  });
});
