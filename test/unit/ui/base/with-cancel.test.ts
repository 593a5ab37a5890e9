import assert from 'node:assert/strict';
import { AwsError } from '../../../../src/core/errors.ts';
import { messageFor } from '../../../../src/ui/base/message-for.ts';
import { withCancel } from '../../../../src/ui/base/with-cancel.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

describe('work with Cancel', () => {
  it('is cancelled while it runs, and not by a Cancel from before', async () => {
    const stub = stubVscode();
    const { vs } = stub;
    stub.cancel();
    const seen = await withCancel(vs, 'Working', async (_progress, { signal }) => {
      const before = signal.aborted;
      stub.cancel();
      return [before, signal.aborted];
    });
    assert.deepEqual(seen, [false, true]);
  });

  it('hears no Cancel after its end, be it a result or an error', async () => {
    for (const end of [async () => 1, () => Promise.reject(new Error('broken'))]) {
      const { vs } = stubVscode();
      const listeners = new Set<() => void>();
      const token = {
        onCancellationRequested: (listener: () => void) => {
          listeners.add(listener);
          return { dispose: () => listeners.delete(listener) };
        },
      };
      vs.window.withProgress = (async (_options: unknown, task: (...args: unknown[]) => unknown) =>
        task({ report: () => undefined }, token)) as unknown as typeof vs.window.withProgress;
      const work = withCancel(vs, 'Working', () => {
        assert.equal(listeners.size, 1);
        return end();
      });
      await Promise.allSettled([work]);
      assert.equal(listeners.size, 0);
    }
  });
});

describe('the sentence for an error', () => {
  const { vs } = stubVscode();

  it('is its own for errors of ours, and the same one for all others', () => {
    const error = new AwsError('unreachable', 'AWS does not answer.', { operation: 'x', awsCode: 'x' });
    assert.equal(messageFor(vs, error), 'AWS does not answer.');
    const foreign = 'Something went wrong inside Media Batch; the log has the details.';
    for (const other of [new TypeError('secret'), 'secret', { message: 'secret' }, undefined, null])
      assert.equal(messageFor(vs, other), foreign);
  });
});
