import assert from 'node:assert/strict';
import { Bench, call, post } from '../helpers/ittybit-caller.ts';

const day = 24 * 60 * 60 * 1000;
const key = { 'idempotency-key': 'c'.repeat(32) };
const otherKey = { 'idempotency-key': 'd'.repeat(32) };

describe('Ittybit stand-in: what a key remembers', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('replays a refusal for 24 hours when it is told to, and says how often', async () => {
    let now = 1_000;
    const ittybit = await bench.standIn({ now: () => now, idempotency: { refused: 'replay' } });
    const refusal = ittybit.faults.add({
      effect: { type: 'refused', status: 422, kind: 'invalid_input', message: 'cannot read input' },
    });
    const first = await post(ittybit, {}, key);
    refusal.remove();
    now += day - 1;
    const again = await post(ittybit, {}, key);
    assert.deepEqual([first.status, again.status, again.text], [422, 422, first.text]);
    assert.equal((await post(ittybit, {}, otherKey)).status, 201);
    now += 1;
    assert.equal((await post(ittybit, {}, key)).status, 201);
    const { book } = ittybit;
    assert.deepEqual([book.replays, book.replayedRefusals, book.jobs.length], [0, 1, 2]);
  });

  it('replays what its own check refused, but not what a key of a wrong length asked for', async () => {
    const ittybit = await bench.standIn({ idempotency: { refused: 'replay' } });
    assert.equal((await post(ittybit, { kind: 'speech' }, key)).status, 400);
    assert.equal((await post(ittybit, { kind: 'speech' }, key)).job.kind, 'request_invalid');
    assert.equal((await post(ittybit, {}, { 'idempotency-key': 'short' })).status, 400);
    assert.equal(ittybit.book.replayedRefusals, 1);
  });

  it('forgets a refusal otherwise', async () => {
    const ittybit = await bench.standIn({ idempotency: { refused: 'forget' } });
    ittybit.faults.add({ effect: { type: 'refused', status: 400 }, times: 1 });
    assert.equal((await post(ittybit, {}, key)).status, 400);
    assert.equal((await post(ittybit, {}, key)).status, 201);
    assert.equal(ittybit.book.replayedRefusals, 0);
  });

  it('refuses creates only, and spends a fault on nothing else', async () => {
    const ittybit = await bench.standIn();
    const refusal = ittybit.faults.add({ effect: { type: 'refused', status: 400 }, times: 1 });
    assert.equal((await call(ittybit, '/jobs')).status, 200);
    assert.equal(refusal.hits, 0);
    assert.equal((await post(ittybit)).status, 400);
  });

  it('does not remember what something in front of it answered', async () => {
    const ittybit = await bench.standIn({ idempotency: { refused: 'replay' } });
    ittybit.faults.add({ effect: { type: 'status', status: 403 }, times: 1 });
    assert.equal((await post(ittybit, {}, key)).status, 403);
    assert.equal((await post(ittybit, {}, key)).status, 201);
  });

  it('answers a known key with its job, also where a new one would be refused', async () => {
    const ittybit = await bench.standIn();
    const first = await post(ittybit, {}, key);
    ittybit.faults.add({ effect: { type: 'refused', status: 400 } });
    assert.deepEqual(
      [(await post(ittybit, {}, key)).status, (await post(ittybit, {}, otherKey)).status],
      [200, 400],
    );
    assert.equal((await post(ittybit, {}, key)).job.id, first.job.id);
    assert.equal(ittybit.book.replays, 2);
  });

  for (const mismatchStatus of [400, 409, 422] as const) {
    it(`refuses another body under the same key with ${mismatchStatus} and counts it`, async () => {
      const ittybit = await bench.standIn({ idempotency: { mismatchStatus } });
      await post(ittybit, {}, key);
      const { status, job } = await post(ittybit, { input: 's3://media/b.mov' }, key);
      assert.deepEqual([status, job.kind], [mismatchStatus, 'idempotency_mismatch']);
      const { book } = ittybit;
      assert.deepEqual([book.keyMismatches, book.replays, book.jobs.length], [1, 0, 1]);
    });
  }

  it('refuses another body under a key that remembers a refusal', async () => {
    const ittybit = await bench.standIn({ idempotency: { refused: 'replay', mismatchStatus: 409 } });
    await post(ittybit, { kind: 'speech' }, key);
    assert.equal((await post(ittybit, {}, key)).status, 409);
  });

  it('changes its rules at run time', async () => {
    const ittybit = await bench.standIn();
    ittybit.idempotency.setRules({ refused: 'replay', mismatchStatus: 422 });
    await post(ittybit, { kind: 'speech' }, key);
    assert.equal((await post(ittybit, {}, key)).status, 422);
    ittybit.idempotency.setRules({});
    assert.equal((await post(ittybit, {}, key)).status, 400);
  });
});
