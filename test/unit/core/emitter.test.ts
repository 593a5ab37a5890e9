import assert from 'node:assert/strict';
import { Emitter } from '../../../src/core/emitter.ts';

describe('Emitter', () => {
  it('tells each subscription in order, also one function twice, until it ends', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const twice = (event: number): void => void heard.push(`twice ${event}`);
    const first = emitter.on(twice);
    emitter.on((event) => heard.push(`other ${event}`));
    emitter.on(twice);
    emitter.emit(1);
    first.dispose();
    first.dispose();
    emitter.emit(2);
    emitter.dispose();
    emitter.emit(3);
    assert.deepEqual(heard, ['twice 1', 'other 1', 'twice 1', 'other 2', 'twice 2']);
  });

  it('calls a listener that is added during an event for the next one, and a removed one no more', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const once = emitter.on((event) => {
      heard.push(`first ${event}`);
      once.dispose();
      leaving.dispose();
      emitter.on((later) => heard.push(`late ${later}`));
    });
    const leaving = emitter.on((event) => heard.push(`leaving ${event}`));
    emitter.emit(1);
    assert.deepEqual(heard, ['first 1']);
    emitter.emit(2);
    assert.deepEqual(heard, ['first 1', 'late 2']);
  });

  it('calls the others when listeners fail, and then throws', () => {
    const emitter = new Emitter();
    const heard: string[] = [];
    const one = new Error('one');
    const fail = (error: unknown) => () => {
      throw error;
    };
    emitter.on(fail(one));
    emitter.on(() => heard.push('told'));
    assert.throws(
      () => {
        emitter.emit();
      },
      (error) => error === one,
    );
    const none = emitter.on(fail(undefined));
    assert.throws(
      () => {
        emitter.emit();
      },
      { name: 'AggregateError', errors: [one, undefined] },
    );
    none.dispose();
    assert.deepEqual(heard, ['told', 'told']);
  });

  it('calls no more listeners when one of them ends all subscriptions', () => {
    const emitter = new Emitter();
    const heard: string[] = [];
    emitter.on(() => {
      emitter.dispose();
    });
    emitter.on(() => heard.push('told'));
    emitter.emit();
    assert.deepEqual(heard, []);
  });
});
