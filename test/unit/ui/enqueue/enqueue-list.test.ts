import assert from 'node:assert/strict';
import { enqueueAgainCommand } from '../../../../src/ui/enqueue/enqueue-again.ts';
import { enqueueFileCommand } from '../../../../src/ui/enqueue/enqueue-file.ts';
import { enqueueFromFileCommand } from '../../../../src/ui/enqueue/enqueue-from-file.ts';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { resumeEnqueueCommand } from '../../../../src/ui/enqueue/resume-enqueue.ts';
import { parseJobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { renameBatchCommand } from '../../../../src/ui/batches/rename-batch.ts';
import { StubUri } from '../../../helpers/ui/vscode-stub-basics.ts';
import {
  enqueueFixture,
  metaOf,
  onEnter,
  row,
  SEND,
  type Script,
} from '../../../helpers/ui/enqueue-fixture.ts';
import { batchNode } from '../../../helpers/ui/batch-marks.ts';

const FILM = ['a.mp4', 'b.mov', 'c.mp4', 'd.mp4'];

/** The user has a file with keys outside the disk, which is read in one piece. */
function withFile(text: string, script: Script = {}, name = 'list.txt') {
  const made = enqueueFixture(FILM, script);
  made.stub.files.set(`/x/${name}`, text);
  made.stub.openFrom = StubUri.from({ scheme: 'memfs', path: `/x/${name}` });
  return made;
}

describe('Enqueue from File', () => {
  it('takes its keys in place of a prefix, and says what it leaves out', async () => {
    const made = withFile('s3://film/a.mp4\ns3://film/gone.mp4\ns3://film/c.mp4\n');
    await enqueueFromFileCommand(made.ui);
    assert.deepEqual(made.stub.shown[0]?.items?.[1], {
      ...made.stub.shown[0]?.items?.[1],
      label: '$(list-unordered) list.txt',
      description: '3 keys of film',
    });
    assert.match(
      made.review(),
      /Enqueue 2 files \| .* of 3 objects under list\.txt \(skipped: 1 not in the bucket\)/,
    );
    assert.deepEqual(made.sent(), ['a.mp4', 'c.mp4']);
    assert.deepEqual(
      made.questions().filter((words) => words.startsWith('Which bucket')),
      [],
    );
  });

  it('asks for the bucket where the keys name none, or several', async () => {
    const bare = withFile('a.mp4\n');
    await enqueueFromFileCommand(bare.ui);
    assert.ok(bare.questions()[0]?.startsWith('Which bucket'));
    assert.deepEqual(bare.sent(), ['a.mp4']);
    const several = withFile(
      'bucket,key\ntape,x.mp4\nfilm,a.mp4\nfilm,b.mov\n',
      { 'Keys of which': 'film' },
      'x.csv',
    );
    await enqueueFromFileCommand(several.ui);
    assert.deepEqual(several.stub.shown[0]?.choices, ['film', 'tape']);
    assert.match(several.review(), /skipped: 1 of other buckets/);
    assert.deepEqual(several.sent(), ['a.mp4', 'b.mov']);
  });

  it('is one of the places to choose, and refuses a file without keys', async () => {
    const made = withFile('s3://film/d.mp4', { 'Which bucket': row('$(list-unordered)') });
    await enqueuePrefixCommand(made.ui);
    assert.deepEqual(made.sent(), ['d.mp4']);
    await assert.rejects(
      enqueueFromFileCommand(withFile('s3://\n').ui),
      /list\.txt has no line that names a key/,
    );
    const closed = withFile('');
    closed.stub.openFrom = undefined;
    await assert.rejects(enqueueFromFileCommand(closed.ui), { name: 'AbortError' });
  });

  it('is resumed with that file', async () => {
    const made = withFile('s3://film/a.mp4\ns3://film/b.mov\n', {
      'The files of this batch': 'Choose File…',
    });
    made.batches.beforeSave = () => {
      made.batches.beforeSave = () => undefined;
      throw new Error('the network is gone');
    };
    await enqueueFromFileCommand(made.ui);
    const [batch = ''] = made.batches.metas.keys();
    await resumeEnqueueCommand(made.ui, batchNode(batch));
    assert.ok(made.stub.shown.some(({ modal, text }) => modal && text.includes('those in list.txt')));
    assert.deepEqual(new Set(made.sent()), new Set(['a.mp4', 'b.mov']));
    assert.equal(made.batches.saved.at(-1)?.done, true);
  });
});

describe('Enqueue Again', () => {
  const job = parseJobOptions({ kind: 'audio', options: { format: 'mp3' }, output: 's3://out/{key}.mp3' });

  it('opens the review with the answers of the batch, and leaves out what is done', async () => {
    const made = enqueueFixture(FILM, { 'Nothing has been sent': onEnter });
    made.batches.metas.set('b1', metaOf('b1', { job, extensions: ['mp4'], filter: { glob: '*.mp4' } }));
    made.batches.items = [
      { batch: 'b1', bucket: 'film', key: 'a.mp4', status: 'succeeded', kind: 'audio' },
    ] as never;
    await enqueueAgainCommand(made.ui, batchNode('b1'));
    assert.ok(made.questions()[0]?.startsWith('Nothing has been sent'));
    const [, again] = [...made.batches.metas.values()];
    assert.deepEqual(
      [again?.job, again?.extensions, again?.filter],
      [job, ['mp4'], { glob: '*.mp4', not_yet_done: true }],
    );
    assert.deepEqual(made.sent(), ['c.mp4', 'd.mp4']);
  });

  it('has the few keys of a trial again, until another place is chosen', async () => {
    const made = enqueueFixture(FILM, { 'Nothing has been sent': [row('$(filter)'), SEND] });
    made.batches.metas.set('b1', metaOf('b1', { source: { keys: ['a.mp4', 'c.mp4'] } }));
    await enqueueAgainCommand(made.ui, batchNode('b1'));
    assert.match(made.review(), /\$\(folder\) s3:\/\/film\/ \| 2 keys of film/);
    assert.deepEqual(made.sent(), ['a.mp4', 'c.mp4']);
    const other = enqueueFixture(FILM, {
      'Nothing has been sent': [row('$(folder)'), SEND],
      'All files': onEnter,
    });
    other.batches.metas.set('b1', metaOf('b1', { source: { keys: ['a.mp4'] } }));
    await enqueueAgainCommand(other.ui, batchNode('b1'));
    assert.deepEqual(other.sent(), ['a.mp4', 'c.mp4', 'd.mp4']);
  });
});

describe('Enqueue File', () => {
  const objectNode = (key: string) => ({ id: key, label: key, tokens: [], data: { bucket: 'film', key } });

  it('opens the review with one object, whose batch has its name', async () => {
    const files = ['1999/a.mp4', '1999/a.mp4.mp4', '1999/b\u202e.mov'];
    const made = enqueueFixture(files, { 'Nothing has been sent': SEND });
    await enqueueFileCommand(made.ui, objectNode('1999/b\u202e.mov'));
    assert.ok(made.questions()[0]?.startsWith('Nothing has been sent'));
    assert.deepEqual(made.sent(), ['1999/b\u202e.mov']);
    const [meta] = [...made.batches.metas.values()];
    const ended = `info: enqueue of batch ${meta?.batch} ended: 1 sent of 1 listed`;
    assert.ok(made.stub.logged.includes(ended), made.stub.logged.join('\n'));
    assert.deepEqual([meta?.source, meta?.name], [{ keys: ['1999/b\u202e.mov'] }, 'b\\u{202e}.mov']);
    const other = enqueueFixture(files, { 'Nothing has been sent': SEND });
    await enqueueFileCommand(other.ui, objectNode('1999/a.mp4'));
    assert.deepEqual(other.sent(), ['1999/a.mp4'], 'and not what begins like it');
  });

  it('needs an object, and sends nothing on Escape', async () => {
    const made = enqueueFixture(FILM, { 'Nothing has been sent': undefined });
    await assert.rejects(enqueueFileCommand(made.ui, batchNode('b1')), /Choose a file in the Buckets view/);
    await assert.rejects(enqueueFileCommand(made.ui, objectNode('a.mp4')), { name: 'AbortError' });
    assert.deepEqual(made.sent(), []);
  });
});

describe('Rename Batch', () => {
  it('gives a batch a name, and takes it away again', async () => {
    let drawn = 0;
    const view = { refresh: () => void (drawn += 1) };
    const made = enqueueFixture(FILM, { 'What the batch is called': ['x'.repeat(81), 'Trailers', ''] });
    made.batches.metas.set('b1', metaOf('b1'));
    await renameBatchCommand(made.ui, view, batchNode('b1'));
    assert.equal(made.batches.metas.get('b1')?.name, 'Trailers');
    await renameBatchCommand(made.ui, view, batchNode('b1'));
    assert.equal(made.batches.metas.get('b1')?.name, '');
    assert.deepEqual(made.stub.shown.at(-1)?.choices, ['Trailers']);
    assert.equal(drawn, 2);
  });
});
