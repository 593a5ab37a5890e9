import assert from 'node:assert/strict';
import { skipWords } from '../../../../src/ui/enqueue/skip-words.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

describe('the words for skipped objects', () => {
  const { vs } = stubVscode();

  it('name every reason, in the order given', () => {
    const all = {
      'not-media': 37_655,
      'folder-marker': 2,
      sidecar: 9,
      segment: 1_200,
      'not-utf8': 1,
      empty: 1,
      archived: 12,
      filtered: 3,
      braces: 4,
      'output-folder': 6,
      'output-length': 7,
      'same-output': 8,
      done: 5,
    } as const;
    assert.equal(
      skipWords(vs, all),
      '37,655 not media, 2 folder markers, 9 sidecars of systems, file servers and cameras, ' +
        '1,200 stream segments, 1 with a name that is no UTF-8, 1 empty, 12 archived, 3 outside the filters, ' +
        '4 with braces in the key, which Ittybit would replace in the output, ' +
        '6 with a folder "." or ".." in the output, 7 with an output longer than 1,024 bytes, ' +
        '8 with the same output as another file, 5 done or under way',
    );
  });

  it('know one marker from several, and leave out what did not occur', () => {
    assert.equal(skipWords(vs, { 'folder-marker': 1, empty: 0 }), '1 folder marker');
    assert.equal(skipWords(vs, { 'folder-marker': 1_000 }), '1,000 folder markers');
    assert.equal(skipWords(vs, { segment: 1 }), '1 stream segment');
    assert.equal(skipWords(vs, { done: 0 }), '');
    assert.equal(skipWords(vs, {}), '');
  });

  it('keep the count of a reason that a later version has written into a batch', () => {
    const later = { archived: 1, 'too-long': 12, toString: 1 } as object;
    const unknown = 'for reasons that this version does not know';
    assert.equal(skipWords(vs, later), `1 archived, 12 ${unknown}, 1 ${unknown}`);
  });
});
