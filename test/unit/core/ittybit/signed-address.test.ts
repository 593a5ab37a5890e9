import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  isBodySignature,
  readWebhookPath,
  webhookPath,
} from '../../../../src/core/ittybit/signed-address.ts';

describe('webhook path', () => {
  const secret = 'signing-secret';
  const key = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 256 })
    .filter((text) => Buffer.byteLength(text) <= 1024);
  const parse = (path: string) => {
    const [batch = '', source = '', signature = '', ...more] = path.split('/');
    assert.deepEqual(more, []);
    return { batch, source, signature };
  };

  it('brings any file back through a URL', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 99 }), (key, run) => {
        const file = { batch: 'b-1', bucket: 'media', key };
        const path = webhookPath(secret, file, run);
        assert.equal(new URL(`https://host/webhook/${path}`).pathname, `/webhook/${path}`);
        assert.deepEqual(readWebhookPath([secret], parse(path)), { file, run });
      }),
    );
    const file = { batch: 'x'.repeat(64), bucket: 'm'.repeat(63), key: '\u{10FFFF}'.repeat(256) };
    const longest = webhookPath(secret, file, 1000);
    assert.ok(longest.length < 2000);
  });

  it('refuses a path with any part changed, cut, moved or of another secret', () => {
    const path = webhookPath(secret, { batch: 'b-1', bucket: 'media', key: 'dir/a.mp4' }, 1);
    const { batch, source, signature } = parse(path);
    fc.assert(
      fc.property(fc.nat(path.length - 1), fc.constantFrom('A', 'b', '_', '', '%', 'é'), (at, char) => {
        const changed = path.slice(0, at) + char + path.slice(at + 1);
        if (changed === path || changed.split('/').length !== 3) return;
        assert.equal(readWebhookPath([secret], parse(changed)), undefined);
      }),
    );
    for (const forged of [
      { batch: '', source, signature },
      { batch: `${batch}/${source}`, source: '', signature },
      { batch, source, signature: '' },
      { batch: 'b-2', source, signature },
      { batch: 'b-1~2', source, signature },
    ]) {
      assert.equal(readWebhookPath([secret], forged), undefined);
    }
    assert.equal(readWebhookPath(['other', 'another'], { batch, source, signature }), undefined);
    assert.equal(readWebhookPath([], { batch, source, signature }), undefined);
  });

  it('names a run after the batch, from the second one on', () => {
    const file = { batch: 'b-1', bucket: 'media', key: 'a.mp4' };
    assert.match(webhookPath(secret, file, 1), /^b-1\/[\w-]+\/[\w-]{43}$/);
    assert.match(webhookPath(secret, file, 2), /^b-1~2\/[\w-]+\/[\w-]{43}$/);
  });

  it('takes each key that is given', () => {
    const file = { batch: 'b-1', bucket: 'media', key: 'a.mp4' };
    const keys = ['newest', 'middle', 'oldest'];
    for (const key of keys) {
      assert.deepEqual(readWebhookPath(keys, parse(webhookPath(key, file, 2))), { file, run: 2 });
    }
  });
});

describe('isBodySignature', () => {
  const body = Buffer.from('{"a":"é"}');
  const hex = createHmac('sha256', 'secret').update(body).digest('hex');

  it('takes the hex of the raw body, with and without its prefix', () => {
    for (const header of [hex, hex.toUpperCase(), `sha256=${hex}`])
      assert.ok(isBodySignature('secret', body, header));
  });

  it('refuses everything else', () => {
    for (const header of [undefined, '', 'sha256=', hex.slice(1), `${hex}0`, 'é'.repeat(32)]) {
      assert.equal(isBodySignature('secret', body, header), false);
    }
    assert.equal(isBodySignature('secret', Buffer.from('{}'), hex), false);
  });
});
