import assert from 'node:assert/strict';
import { isAbort } from '../../../../src/core/errors.ts';
import { askLogin } from '../../../../src/ui/enqueue/ask-login.ts';
import { awsError, connectionFixture } from '../../../helpers/ui/connection-fixture.ts';

describe('a login that expires during an enqueue', () => {
  const made = (choice: string | undefined) => {
    const fixture = connectionFixture(() => choice);
    const { connection, stub, sts } = fixture;
    sts.answer = () => Promise.reject(awsError('expired-login'));
    stub.commands.set('mediaBatch.logIn', async () => {
      await connection.use(() => Promise.resolve(), { ask: true }).catch(() => undefined);
    });
    return { ...fixture, ui: { vs: stub.vs, connection } };
  };
  const never = new AbortController().signal;

  it('is asked for with the reason, and waited for until the connection works', async () => {
    const { ui, stub, sts, connection } = made('Log In');
    const states: string[] = [];
    connection.onChange(({ kind }) => {
      states.push(kind);
      if (kind !== 'signed-out') return;
      sts.answer = () => Promise.resolve('111122223333');
      connection.reset();
      void connection.use(() => Promise.resolve(), { ask: true });
    });
    await askLogin(ui, awsError('expired-login'), never);
    assert.equal(stub.shown[0]?.text, 'The enqueue waits for a login: This is expired-login.');
    assert.ok(states.includes('signed-out') && states.at(-1) === 'ready', states.join());
  });

  it('stops the enqueue where the user closes the question, or stops it meanwhile', async () => {
    await assert.rejects(askLogin(made(undefined).ui, awsError('expired-login'), never), isAbort);
    const { ui, connection } = made('Log In');
    const control = new AbortController();
    connection.onChange(({ kind }) => {
      if (kind === 'signed-out') control.abort();
    });
    await assert.rejects(askLogin(ui, awsError('expired-login'), control.signal), isAbort);
  });
});
