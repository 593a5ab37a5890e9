import assert from 'node:assert/strict';
import type { ConnectionState } from '../../../../src/ui/connection/connection.ts';
import { isSameState } from '../../../../src/ui/connection/connection-state.ts';
import { awsError, connectionFixture } from '../../../helpers/ui/connection-fixture.ts';

const QUIET = { ask: false } as const;
const ASK = { ask: true } as const;
const nothing = async (): Promise<void> => undefined;

describe('the states of the connection', () => {
  it('are told where they say something new: another profile, another reason, another place', () => {
    const signedOut = (profile: string, message = 'Expired.'): ConnectionState => ({
      kind: 'signed-out',
      error: new Error(message),
      profile,
    });
    const failed = (message: string): ConnectionState => ({ kind: 'failed', error: new Error(message) });
    const connecting: ConnectionState = { kind: 'connecting', elsewhere: false };
    const elsewhere: ConnectionState = { kind: 'connecting', elsewhere: true };
    for (const [before, now, isSame] of [
      [signedOut('a'), signedOut('a'), true],
      [signedOut('a'), signedOut('b'), false],
      [signedOut('a'), signedOut('a', 'None.'), false],
      [failed('x'), failed('x'), true],
      [failed('x'), failed('y'), false],
      [connecting, connecting, true],
      [connecting, elsewhere, false],
      [elsewhere, elsewhere, false],
      [{ kind: 'not-set-up' }, { kind: 'not-set-up' }, true],
      [{ kind: 'unknown' }, { kind: 'not-set-up' }, false],
    ] as const) {
      assert.equal(isSameState(before, now), isSame, `${JSON.stringify(before)} ${JSON.stringify(now)}`);
    }
  });

  it('tell at once that another profile is tried, also from one that was signed out', async () => {
    const { connection, stub, sts } = connectionFixture();
    sts.answer = () => Promise.reject(awsError('expired-login'));
    await assert.rejects(connection.use(nothing, QUIET));
    const heard: (string | undefined)[][] = [];
    const ended = new Promise<void>((resolve) => {
      connection.onChange((state) => {
        heard.push([state.kind, state.kind === 'signed-out' ? state.profile : undefined]);
        if (state.kind === 'signed-out') resolve();
      });
    });
    stub.changeSettings({ 'mediaBatch.profile': 'other' });
    assert.deepEqual(heard, [['connecting', undefined]]);
    await ended;
    assert.deepEqual(heard[1], ['signed-out', 'other']);
  });

  it('are known to all before a command works, and before quiet work has its answer', async () => {
    const { connection } = connectionFixture();
    assert.equal(await connection.use(async () => connection.state.kind, ASK), 'ready');
    connection.reset();
    await connection.use(nothing, QUIET).then(() => {
      assert.equal(connection.state.kind, 'ready');
    });
  });
});
