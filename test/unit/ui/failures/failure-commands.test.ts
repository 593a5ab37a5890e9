import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { writeFileIn } from '../../../../src/ui/failures/export-file.ts';
import { exportFailuresCommand } from '../../../../src/ui/failures/export-failures.ts';
import { copyKeysCommand, openResultsCommand } from '../../../../src/ui/failures/failure-commands.ts';
import { dead, failed, failuresWorld } from '../../../helpers/ui/failures-world.ts';
import { StubUri } from '../../../helpers/ui/vscode-stub-basics.ts';

type World = ReturnType<typeof failuresWorld>;
const groupOf = async ({ tree }: World) => (await tree.rows())[0]?.node as ViewNode;

describe('Copy Keys', () => {
  it('copies raw keys, and whole addresses where the buckets differ', async () => {
    const made = failuresWorld({ items: [failed('a b/ü.mov'), failed('\u202Ec.mov')] });
    await copyKeysCommand(made.ui, await groupOf(made));
    assert.deepEqual(made.stub.clipboard, ['a b/ü.mov\n\u202Ec.mov']);
    assert.deepEqual(made.stub.statusMessages, ['2 keys copied']);
    const two = failuresWorld({ items: [failed('a'), failed('b', { bucket: 'other' })] });
    await copyKeysCommand(two.ui, await groupOf(two));
    assert.deepEqual(two.stub.clipboard, ['s3://film-archive/a\ns3://other/b']);
  });
});

describe('Open Results', () => {
  it('opens the newest ten, and says that there are more', async () => {
    const items = Array.from({ length: 12 }, (_, index) =>
      failed(`k${index}`, { updated_at: new Date(Date.now() - index * 1000).toISOString() }),
    );
    const made = failuresWorld({ items });
    const opened: string[] = [];
    const documents = {
      openResult: async ({ key }: { key: string }, keep: boolean) => void opened.push(`${key} ${keep}`),
    };
    await openResultsCommand(made.ui, documents, await groupOf(made));
    assert.deepEqual(
      opened,
      Array.from({ length: 10 }, (_, index) => `k${index} true`),
    );
    assert.equal(made.stub.shown[0]?.text, 'The newest 10 of 12 results are open.');
  });
});

describe('Export', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-export-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('streams every failure to the chosen file, and offers to open it', async () => {
    const items = Array.from({ length: 10_020 }, (_, index) => failed(`k${index}`));
    const made = failuresWorld({ items: [...items, dead('=x')] }, () => 'Open');
    made.stub.saveTo = StubUri.file(join(folder, 'out.jsonl'));
    await exportFailuresCommand(made.ui, made.failures);
    const lines = (await readFile(join(folder, 'out.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 10_021);
    assert.deepEqual(await readdir(folder), ['out.jsonl']);
    assert.equal(made.stub.shown[0]?.text, '10,021 files exported to out.jsonl.');
    assert.equal(made.stub.executed.at(-1)?.id, 'vscode.open');
  });

  it('writes a selection through the editor where the file is not on a disk', async () => {
    const made = failuresWorld({ items: [failed('a'), dead('=x')] });
    made.stub.saveTo = StubUri.parse('vscode-vfs://github/out.csv');
    const rows = await made.tree.rows();
    const node = rows.find(({ label }) => label.includes('cannot read'))?.node as ViewNode;
    await exportFailuresCommand(made.ui, made.failures, node, [node]);
    const text = made.stub.files.get('/out.csv') ?? '';
    assert.match(text, /\r\nfilm-archive,'=x,b1,rejected,/);
    assert.equal(text.trimEnd().split('\r\n').length, 2);
  });

  it('leaves a file as it was after a cancel', async () => {
    const path = join(folder, 'out.csv');
    await writeFile(path, 'before');
    const control = new AbortController();
    function* chunks() {
      yield 'half';
      control.abort();
      yield 'more';
    }
    const { ui } = failuresWorld({});
    const uri = StubUri.file(path) as never;
    await assert.rejects(writeFileIn(ui.vs, uri, chunks(), control.signal), { name: 'AbortError' });
    assert.deepEqual([await readFile(path, 'utf8'), await readdir(folder)], ['before', ['out.csv']]);
  });

  it('writes nothing on Escape', async () => {
    const made = failuresWorld({ items: [failed('a')] });
    await assert.rejects(exportFailuresCommand(made.ui, made.failures), { name: 'AbortError' });
    assert.deepEqual(made.store.listed, []);
  });
});
