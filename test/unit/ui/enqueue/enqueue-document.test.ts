import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import {
  openJobDocument,
  openJobDocuments,
  parseJobDocument,
} from '../../../../src/ui/enqueue/job-document.ts';
import { enqueueWithJobCommand } from '../../../../src/ui/enqueue/enqueue-with-job.ts';
import { showJobLens } from '../../../../src/ui/enqueue/job-lens.ts';
import { StubUri } from '../../../helpers/ui/vscode-stub-basics.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';
import {
  enqueueFixture,
  onEnter,
  placeNode,
  row,
  type EnqueueFixture,
} from '../../../helpers/ui/enqueue-fixture.ts';

const never = {} as vscode.CancellationToken;
const JOB = { kind: 'audio', options: { format: 'mp3' } } as const;

/** The user has a document of that name open. */
function openDocument({ stub }: Pick<EnqueueFixture, 'stub'>, name: string, text: string): void {
  stub.textDocuments.push({ uri: StubUri.file(`/x/${name}`), isClosed: false, getText: () => text });
}

describe('a job document', () => {
  it('opens unsaved under a name that has the schema, once', async () => {
    const { vs, textDocuments } = stubVscode();
    await openJobDocument(vs, JOB);
    await openJobDocument(vs, { ...JOB, options: {} });
    assert.equal(textDocuments.length, 1);
    assert.match(textDocuments[0]?.uri.toString() ?? '', /^untitled:.*\/audio\.media-batch-job\.json$/);
    assert.deepEqual(parseJobDocument(textDocuments[0]?.getText() ?? ''), JOB);
    assert.deepEqual(openJobDocuments(vs)[0]?.job, JOB);
  });

  it('opens the saved file when there is one', async () => {
    const { vs, textDocuments, documents } = stubVscode();
    const { openTextDocument } = vs.workspace;
    vs.workspace.openTextDocument = (async (uri: StubUri) => {
      if (uri.scheme === 'untitled') throw new Error('file already exists');
      return openTextDocument(uri as never);
    }) as unknown as typeof openTextDocument;
    await openJobDocument(vs, JOB);
    assert.match(documents[0]?.uri ?? '', /^file:.*\/audio\.media-batch-job\.json$/);
    assert.deepEqual(textDocuments, []);
  });

  it('is read strictly, apart from its $schema', () => {
    assert.deepEqual(parseJobDocument(JSON.stringify({ $schema: 'x', ...JOB })), JOB);
    for (const [text, sentence] of [
      ['', /not valid JSON/],
      ['{"kind":"video",}', /not valid JSON/],
      ['[]', /must be a JSON object/],
      ['null', /must be a JSON object/],
      ['{"kind":"soup"}', /"kind" is one of/],
      ['{"kind":"video","options":{"widht":1}}', /no option "widht"/],
      ['{"kind":"video","__proto__":{"x":1}}', /no field "__proto__"/],
      ['{"kind":"video","output":"s3://out/x.mp4"}', /needs \{key\} or \{stem\}/],
    ] as const) {
      assert.throws(() => parseJobDocument(text), sentence, text);
    }
  });

  it('is offered first while it is open, and sent with its options', async () => {
    const made = enqueueFixture(['a.wav'], {
      'What to enqueue': [row('$(gear)'), onEnter],
      'What should Ittybit': 'Open document: my.media-batch-job.json',
    });
    openDocument(made, 'other.json', '{}');
    openDocument(made, 'my.media-batch-job.json', JSON.stringify(JOB));
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    const jobs = made.stub.shown.find(({ detail }) => detail?.startsWith('What should'));
    assert.equal(jobs?.choices[0], 'Open document: my.media-batch-job.json');
    assert.deepEqual([...made.batches.metas.values()][0]?.job, JOB);
  });

  it('that cannot be used is shown with the reason, and sends nothing', async () => {
    const label = 'Open document: bad.media-batch-job.json';
    const made = enqueueFixture(['a.mp4'], {
      'What to enqueue': row('$(gear)'),
      'What should Ittybit': label,
    });
    openDocument(made, 'bad.media-batch-job.json', '{"kind":"video","options":{"[x](command:y)":1}}');
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    const jobs = made.stub.shown.find(({ detail }) => detail?.startsWith('What should'));
    assert.match(jobs?.items?.[0]?.detail ?? '', /video jobs have no option/);
    const warning = made.stub.shown.at(-1);
    assert.match(
      warning?.text ?? '',
      /^bad.media-batch-job.json: video jobs have no option "\[x\] \(command:y\)"/,
    );
    assert.deepEqual(made.batches.metas.size, 0);
  });

  it('is opened from the flow, which goes on with its job and the same row when the document is ready', async () => {
    const made = enqueueFixture(['1999/a.mp4', 'b.mp4'], {
      'What to enqueue': [row('$(gear)'), onEnter],
      'What should Ittybit': 'From a JSON document…',
      'Edit the job': 'Enqueue with This Document',
    });
    const id = 'mediaBatch.enqueueWithJob';
    made.ui.vs.commands.registerCommand(id, (...given: unknown[]) =>
      enqueueWithJobCommand(made.ui, ...given),
    );
    await enqueuePrefixCommand(made.ui, placeNode('film', '1999/'));
    assert.deepEqual(made.sent(), ['1999/a.mp4']);
    const screens = made.stub.shown.filter(({ detail }) => detail?.startsWith('What to enqueue'));
    assert.equal(screens[1]?.choices[2], '$(gear) Open document: video.media-batch-job.json');
  });

  it('has a lens that enqueues with it, or says why it cannot be used', async () => {
    const made = enqueueFixture(['a.wav'], { 'What to enqueue': onEnter });
    const lens = showJobLens(made.ui);
    openDocument(made, 'my.media-batch-job.json', JSON.stringify(JOB));
    openDocument(made, 'bad.media-batch-job.json', '{"kind":"soup"}');
    const [provider] = made.stub.lenses;
    const commands = made.stub.textDocuments.map((document) => {
      const [shown] = provider?.provideCodeLenses(document as never, never) as vscode.CodeLens[];
      return shown?.command;
    });
    assert.equal(commands[0]?.title, '$(run-all) Enqueue with this job…');
    assert.match(commands[1]?.title ?? '', /^\$\(error\) "kind" is one of/);
    assert.equal(commands[1]?.command, '');
    const uri: unknown = commands[0].arguments?.[0];
    made.ui.vs.workspace.openTextDocument = (async () => made.stub.textDocuments[0]) as never;
    await enqueueWithJobCommand(made.ui, uri, { groupId: 0 });
    assert.deepEqual([...made.batches.metas.values()][0]?.job, JOB);
    lens.dispose();
    assert.deepEqual(made.stub.lenses, []);
  });

  it('is asked for by the command where none is open, and named where it is wrong', async () => {
    const made = enqueueFixture(['a.wav']);
    await assert.rejects(enqueueWithJobCommand(made.ui), /No job document is open/);
    openDocument(made, 'bad.media-batch-job.json', '{"kind":"soup"}');
    await assert.rejects(
      enqueueWithJobCommand(made.ui),
      /^InvalidInputError: bad\.media-batch-job\.json: "kind"/,
    );
  });
});
