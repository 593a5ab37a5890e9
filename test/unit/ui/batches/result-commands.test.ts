import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import {
  copyJobIdCommand,
  openOutputCommand,
  openResultCommand,
  revealSourceCommand,
} from '../../../../src/ui/batches/result-commands.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { placeNode } from '../../../helpers/ui/enqueue-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

function fileRow(item: Partial<ResultItem>): ViewNode {
  return { id: 'f', label: 'f', tokens: ['file'], data: { item: { bucket: 'film', key: 'a.mp4', ...item } } };
}

describe('the commands on a result', () => {
  it('ask for a file where they are run without a row, or on a row of another view', async () => {
    const { ui, stub } = fixture();
    const documents = { openResult: () => Promise.reject(new Error('opened')) };
    const reveal = () => Promise.reject(new Error('revealed'));
    for (const node of [undefined, placeNode('film', ''), { id: 'x', label: 'x', tokens: [] }]) {
      for (const run of [
        () => openResultCommand(ui, documents, node),
        () => openOutputCommand(ui, node),
        () => copyJobIdCommand(ui, node),
        () => revealSourceCommand(ui, reveal, node),
      ])
        await assert.rejects(run(), {
          field: 'file',
          message: 'Choose a file in the Batches view first.',
        });
    }
    assert.deepEqual([stub.opened, stub.clipboard], [[], []]);
  });

  it('copy an S3 address as it is, and show it with every character visible and without a link', async () => {
    const { ui, stub } = fixture();
    const output_url = 's3://film/\u202Egpj.[x](command:y)\n.mp4';
    await openOutputCommand(ui, fileRow({ output_url }));
    assert.deepEqual([stub.clipboard, stub.opened], [[output_url], []]);
    assert.equal(
      stub.shown[0]?.text,
      'The output is in your bucket; its address is copied: s3://film/\\u{202e}gpj.[x] (command:y)\\u{a}.mp4',
    );
  });

  it('open no address but one of the web', async () => {
    const { ui, stub } = fixture();
    for (const output_url of ['', 'command:x', 'file:///etc/passwd', 'vscode://x', 'javascript:1', 'http'])
      await assert.rejects(openOutputCommand(ui, fileRow({ output_url })), { field: 'output_url' });
    assert.deepEqual([stub.opened, stub.clipboard], [[], []]);
    await openOutputCommand(ui, fileRow({ output_url: 'https://x.example/a.mp4' }));
    assert.equal(stub.opened.length, 1);
  });

  it('copy no job where Ittybit has none', async () => {
    const { ui, stub } = fixture();
    await assert.rejects(copyJobIdCommand(ui, fileRow({})), { field: 'job' });
    await copyJobIdCommand(ui, fileRow({ job_id: 'job_1' }));
    assert.deepEqual(stub.clipboard, ['job_1']);
  });
});
