import assert from 'node:assert/strict';
import { pinLocationCommand, pinRowCommand } from '../../../../src/ui/buckets/pin-location.ts';
import { unpinLocationCommand } from '../../../../src/ui/buckets/unpin-location.ts';
import { readPins } from '../../../../src/ui/buckets/pins.ts';
import { awsError } from '../../../helpers/fakes.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { placeNode } from '../../../helpers/ui/enqueue-fixture.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

function open(answer?: Answer, pins: readonly unknown[] = []) {
  const buckets = new MemoryBuckets({ film: ['1999/a.mp4'] });
  const made = fixture(answer, { services: { buckets } });
  made.stub.settings.set('mediaBatch.pins', pins);
  return { ...made, buckets };
}

/** Enter, on the address of the row. */
const asOffered: Answer = ({ kind, choices }) => (kind === 'input' ? choices[0] : undefined);

describe('Pin Bucket or Prefix', () => {
  it('takes an address, and looks with one request whether it can be listed', async () => {
    const { ui, stub, buckets } = open(() => ' s3://film/1999/ ');
    await pinLocationCommand(ui);
    assert.deepEqual(stub.settings.get('mediaBatch.pins'), ['s3://film/1999/']);
    assert.deepEqual(buckets.asked, [{ bucket: 'film', prefix: '1999/', max: 1 }]);
    assert.equal(stub.shown.length, 1);
  });

  it('takes a row as it is', async () => {
    const { ui, stub } = open(asOffered);
    await pinLocationCommand(ui, placeNode('film', ' \u202Ea//'));
    assert.deepEqual(readPins(stub.vs), [{ bucket: 'film', prefix: ' \u202Ea//' }]);
    assert.equal(stub.shown.length, 1);
  });

  it('also pins places that are denied or missing, and shows what AWS says', async () => {
    for (const [place, error] of [
      [placeNode('tape', ''), 'AWS said no-such-bucket.'],
      [placeNode('film', 'x/'), 'AWS said missing-permission.'],
    ] as const) {
      const { ui, stub, buckets } = open(asOffered);
      buckets.before = () => {
        if (error.includes('missing')) throw awsError('missing-permission');
      };
      await pinLocationCommand(ui, place);
      assert.equal(readPins(stub.vs).length, 1);
      assert.ok(stub.shown[1]?.text.endsWith(`is pinned, but cannot be listed now. ${error}`));
    }
  });

  it('pins nothing on Escape, and no place twice', async () => {
    const escaped = open();
    await assert.rejects(pinLocationCommand(escaped.ui), { name: 'AbortError' });
    assert.deepEqual(escaped.stub.updates, []);
    const again = open(asOffered, ['s3://film']);
    await pinLocationCommand(again.ui, placeNode('film', ''));
    assert.deepEqual(again.stub.updates, []);
    assert.equal(again.stub.shown[1]?.text, 's3://film/ is already pinned.');
  });

  it('writes to the workspace when the workspace has pins of its own', async () => {
    const { ui, stub } = open(asOffered);
    stub.settings.set('workspace mediaBatch.pins', []);
    await pinLocationCommand(ui, placeNode('film', ''));
    assert.equal(stub.updates[0]?.target, stub.vs.ConfigurationTarget.Workspace);
  });
});

describe('Pin', () => {
  it('pins the place of the row whose menu it is on, without a question', async () => {
    const { ui, stub } = open(() => assert.fail('a question'));
    await pinRowCommand(ui, placeNode('film', '1999/'));
    assert.deepEqual(
      stub.updates.map(({ value }) => value),
      [['s3://film/1999/']],
    );
    assert.deepEqual(stub.shown, []);
  });
});

describe('Unpin', () => {
  it('removes that place, however it is written, and no other', async () => {
    const { ui, stub } = open(undefined, ['s3://film', 's3://film/', 's3://film/1999/', 'not an address']);
    await unpinLocationCommand(ui, placeNode('film', ''));
    assert.deepEqual(stub.settings.get('mediaBatch.pins'), ['s3://film/1999/', 'not an address']);
  });

  it('asks which one without a row', async () => {
    const { ui, stub } = open(({ choices }) => choices[1], ['s3://film/', 's3://tape/x/']);
    await unpinLocationCommand(ui);
    assert.deepEqual(stub.settings.get('mediaBatch.pins'), ['s3://film/']);
    const none = open();
    await unpinLocationCommand(none.ui);
    assert.equal(none.stub.shown[0]?.text, 'Nothing is pinned.');
  });
});
