import assert from 'node:assert/strict';
import { Lifetime } from '../../../src/core/lifetime.ts';

describe('Lifetime', () => {
  const record = (order: string[], name: string) => ({ dispose: () => order.push(name) });

  it('disposes in reverse order, once', () => {
    const order: string[] = [];
    const lifetime = new Lifetime();
    for (const name of ['a', 'b', 'c']) lifetime.use(record(order, name));
    lifetime.dispose();
    lifetime.dispose();
    assert.deepEqual(order, ['c', 'b', 'a']);
  });

  it('continues after one that throws, and then throws', () => {
    const order: string[] = [];
    const failure = new Error('stuck');
    const lifetime = new Lifetime();
    lifetime.use(record(order, 'a'));
    lifetime.use({
      dispose: () => {
        throw failure;
      },
    });
    assert.throws(
      () => {
        lifetime.dispose();
      },
      (error: AggregateError) => error.errors[0] === failure,
    );
    assert.deepEqual(order, ['a']);
  });

  it('disposes at once of what comes too late', () => {
    const order: string[] = [];
    const lifetime = new Lifetime();
    lifetime.dispose();
    lifetime.use(record(order, 'late'));
    assert.deepEqual(order, ['late']);
  });
});
