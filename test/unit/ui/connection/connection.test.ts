import type { Profile, ProfileKind } from '../../../../src/core/stack/aws-target.ts';
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { InvalidInputError, MediaBatchError } from '../../../../src/core/errors.ts';
import type { PendingSession } from '../../../../src/ui/connection/session.ts';
import { awsError, connectionFixture } from '../../../helpers/ui/connection-fixture.ts';

const QUIET = { ask: false } as const;
const ASK = { ask: true } as const;
const nothing = async (): Promise<void> => undefined;

/** Waits until a condition holds; mocha's own limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

describe('the shared connection', () => {
  it('sends no request until it is used, then connects once for all', async () => {
    const { connection, stub, fake, sts, files, states } = connectionFixture();
    assert.deepEqual([connection.state.kind, fake.connections.length, files.watched], ['unknown', 0, 0]);
    await Promise.all([
      connection.use(nothing, QUIET),
      connection.use(nothing, ASK),
      connection.use(nothing, QUIET),
    ]);
    await connection.use(nothing, QUIET);
    assert.deepEqual([fake.connections.length, sts.calls, files.watched], [1, 1, 1]);
    assert.deepEqual(states, ['connecting', 'ready']);
    assert.equal(stub.context.get('mediaBatch.connection'), 'ready');
  });

  it('says where and as whom it works', async () => {
    const { connection, stub } = connectionFixture(undefined, {
      profiles: [{ name: 'media', kind: 'sso', region: 'us-east-1', endpoint: undefined }],
      profileDefaults: { region: 'us-east-1', endpoint: 'http://profile:1' },
    });
    stub.settings.set('mediaBatch.profile', 'media');
    const { services, ...rest } = await connection.use(async (session) => session, ASK);
    assert.ok(services);
    assert.deepEqual(rest, {
      account: '111122223333',
      region: 'eu-west-1',
      profile: 'media',
      profileKind: 'sso',
      endpoint: 'http://profile:1',
      stackName: 'media-batch',
    });
  });

  it('gives a command the stack of the account that it began with, whatever is chosen meanwhile', async () => {
    const { connection, stub, fake, sts } = connectionFixture();
    const gate = Promise.withResolvers<string>();
    sts.answer = () => gate.promise;
    stub.settings.set('mediaBatch.stackName', 'mine');
    const asked = connection.use(async (session) => session, ASK);
    await until(() => sts.calls === 1);
    sts.answer = async () => '444455556666';
    stub.changeSettings({ 'mediaBatch.profile': 'other', 'mediaBatch.stackName': 'theirs' });
    await until(() => fake.connections.length === 2 && connection.state.kind === 'ready');
    gate.resolve('111122223333');
    const { account, stackName, profile } = await asked;
    assert.deepEqual([account, stackName, profile], ['111122223333', 'mine', undefined]);
  });

  it('lets quiet work begin before the account is known, and commands after it', async () => {
    const { connection, sts } = connectionFixture();
    const gate = Promise.withResolvers<string>();
    sts.answer = () => gate.promise;
    const begun: string[] = [];
    const quiet = connection.use(async () => begun.push('quiet'), QUIET);
    const asking = connection.use(async () => begun.push('asking'), ASK);
    await until(() => begun.includes('quiet') && sts.calls === 1);
    assert.deepEqual(begun, ['quiet']);
    gate.resolve('111122223333');
    await Promise.all([quiet, asking]);
    assert.deepEqual(begun, ['quiet', 'asking']);
  });

  it('fails when the account cannot be known, also for quiet work that had its answer', async () => {
    const { connection, sts } = connectionFixture();
    sts.answer = () => Promise.reject(awsError('unreachable'));
    await assert.rejects(connection.use(nothing, QUIET), { code: 'unreachable' });
    assert.equal(connection.state.kind, 'failed');
  });

  it('lends the clients until the last borrower is done', async () => {
    const { connection, fake } = connectionFixture();
    const gate = Promise.withResolvers<undefined>();
    let begun = 0;
    const hold = async (): Promise<void> => {
      begun += 1;
      await gate.promise;
    };
    const held = [connection.use(hold, QUIET), connection.use(hold, ASK)];
    await until(() => begun === 2);
    connection.reset();
    assert.equal(connection.state.kind, 'unknown');
    await connection.use(nothing, QUIET);
    assert.equal(fake.open, 2);
    gate.resolve(undefined);
    await Promise.all(held);
    await until(() => fake.open === 1);
    connection.dispose();
    await until(() => fake.open === 0);
  });

  it('lets one caller stop without disturbing the others', async () => {
    const { connection, sts } = connectionFixture();
    const gate = Promise.withResolvers<string>();
    sts.answer = () => gate.promise;
    const stop = new AbortController();
    const stopped = connection.use(nothing, { ...QUIET, signal: stop.signal });
    const other = connection.use(nothing, ASK);
    await until(() => sts.calls === 1);
    stop.abort();
    await assert.rejects(stopped, { name: 'AbortError' });
    gate.resolve('111122223333');
    await other;
    assert.equal(connection.state.kind, 'ready');
    await assert.rejects(connection.use(nothing, { ...QUIET, signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });

  describe('without a region', () => {
    it('is not set up for quiet uses, which never ask', async () => {
      const { connection, stub, fake, states } = connectionFixture();
      stub.settings.delete('mediaBatch.region');
      for (let use = 0; use < 3; use += 1) {
        await assert.rejects(
          connection.use(nothing, QUIET),
          (error) => error instanceof InvalidInputError && error.field === 'mediaBatch.region',
        );
      }
      assert.deepEqual(states, ['connecting', 'not-set-up']);
      assert.deepEqual([stub.shown, fake.connections], [[], []]);
    });

    it('takes the one of the profile', async () => {
      const { connection, stub } = connectionFixture(undefined, {
        profileDefaults: { region: 'eu-south-1', endpoint: undefined },
      });
      stub.settings.delete('mediaBatch.region');
      assert.equal(await connection.use(async ({ region }) => region, QUIET), 'eu-south-1');
    });

    it('asks in a command, keeps the answer, and connects nowhere after Escape', async () => {
      let answer: string | undefined = 'eu-west-2';
      const { connection, stub, fake } = connectionFixture(() => answer);
      stub.settings.delete('mediaBatch.region');
      assert.equal(await connection.use(async ({ region }) => region, ASK), 'eu-west-2');
      assert.deepEqual(stub.updates, [{ name: 'mediaBatch.region', value: 'eu-west-2', target: 1 }]);

      answer = undefined;
      stub.settings.delete('mediaBatch.region');
      connection.reset();
      await assert.rejects(connection.use(nothing, ASK), { name: 'AbortError' });
      assert.equal(fake.connections.length, 1);
    });
  });

  for (const [code, kind] of [
    ['expired-login', 'signed-out'],
    ['no-credentials', 'failed'],
  ] as const) {
    it(`is ${kind} after ${code}: polls fail at once, a command tries again`, async () => {
      const { connection, stub, fake, sts, states } = connectionFixture();
      const error = awsError(code);
      sts.answer = () => Promise.reject(error);
      for (let use = 0; use < 3; use += 1)
        await assert.rejects(connection.use(nothing, QUIET), (caught) => caught === error);
      assert.equal(sts.calls, 1);
      assert.deepEqual(states, ['connecting', kind]);
      assert.equal(stub.context.get('mediaBatch.connection'), kind);
      assert.deepEqual(stub.shown, []);
      await assert.rejects(connection.use(nothing, ASK), (caught) => caught === error);
      assert.equal(sts.calls, 2);
      sts.answer = async () => '111122223333';
      await connection.use(nothing, ASK);
      assert.deepEqual(states, ['connecting', kind, 'ready']);
      await until(() => fake.open === 1);
    });
  }

  it('offers a login only where one helps', async () => {
    const of = (kind: ProfileKind, source?: string): Profile => {
      return { name: kind, kind, source, region: undefined, endpoint: undefined };
    };
    const profiles = [
      of('sso'),
      of('login'),
      of('keys'),
      of('process'),
      of('assume-role', 'sso'),
      of('other'),
    ];
    for (const { name } of profiles) {
      const { connection, stub, sts } = connectionFixture(undefined, { profiles });
      stub.settings.set('mediaBatch.profile', name);
      sts.answer = () => Promise.reject(awsError('expired-login'));
      await assert.rejects(connection.use(nothing, QUIET));
      const helps = ['sso', 'login', 'assume-role'].includes(name);
      assert.equal(connection.state.kind, helps ? 'signed-out' : 'failed', name);
      await assert.rejects(connection.use(nothing, QUIET));
      assert.equal(sts.calls, 1);
    }
  });

  it('is signed out when work meets an expired login, also inside another error', async () => {
    const { connection, fake } = connectionFixture();
    const error = new MediaBatchError('enqueue-incomplete', 'Stopped.', { cause: awsError('expired-login') });
    await assert.rejects(
      connection.use(() => Promise.reject(error), ASK),
      (caught) => caught === error,
    );
    assert.equal(connection.state.kind, 'signed-out');
    await until(() => fake.open === 0);
  });

  it('stays ready when work fails for another reason', async () => {
    const { connection } = connectionFixture();
    await assert.rejects(connection.use(() => Promise.reject(awsError('missing-permission')), QUIET));
    assert.equal(connection.state.kind, 'ready');
  });

  it('is tried again by each use after another failure, and says so only once', async () => {
    const { connection, stub, sts, states } = connectionFixture();
    sts.answer = () => Promise.reject(awsError('unreachable'));
    for (let use = 0; use < 3; use += 1) await assert.rejects(connection.use(nothing, QUIET));
    assert.equal(sts.calls, 3);
    assert.equal(stub.logged.filter((line) => line.startsWith('warn')).length, 1);
    sts.answer = async () => '111122223333';
    await connection.use(nothing, QUIET);
    assert.deepEqual(states, ['connecting', 'failed', 'ready']);
  });

  describe('when a setting changes', () => {
    for (const [name, value] of [
      ['profile', 'other'],
      ['region', 'us-east-1'],
      ['endpoint', 'http://localhost:1'],
    ] as const) {
      it(`follows ${name} with new clients`, async () => {
        const { connection, stub, fake } = connectionFixture();
        await connection.use(nothing, QUIET);
        stub.changeSettings({ [`mediaBatch.${name}`]: value });
        await until(() => connection.state.kind === 'ready');
        assert.equal(fake.connections.at(-1)?.[name], value);
        await until(() => fake.open === 1);
      });
    }

    it('does nothing before its first use', async () => {
      const { connection, stub, fake, states } = connectionFixture();
      stub.changeSettings({ 'mediaBatch.profile': 'other', 'mediaBatch.stackName': 'other' });
      await setImmediate();
      assert.deepEqual([connection.state.kind, fake.connections, states], ['unknown', [], []]);
    });

    it('keeps the clients for another stack, and tells', async () => {
      const { connection, stub, fake, sts, states } = connectionFixture();
      const before = await connection.use(async (session) => session, ASK);
      stub.changeSettings({ 'mediaBatch.stackName': 'archive' });
      const after = await connection.use(async (session: PendingSession) => session, QUIET);
      assert.deepEqual([before.stackName, after.stackName], ['media-batch', 'archive']);
      assert.equal(after.services, before.services);
      assert.deepEqual([fake.connections.length, sts.calls], [1, 1]);
      assert.deepEqual(states, ['connecting', 'ready', 'ready']);
      assert.ok(connection.state.kind === 'ready' && connection.state.session === after);
    });

    it('fails for a value that cannot be used, and recovers with it', async () => {
      const { connection, stub } = connectionFixture();
      await connection.use(nothing, QUIET);
      stub.changeSettings({ 'mediaBatch.stackName': '-' });
      await until(() => connection.state.kind === 'failed');
      stub.changeSettings({ 'mediaBatch.stackName': 'archive' });
      await until(() => connection.state.kind === 'ready');
      stub.changeSettings({ 'mediaBatch.region': 'Ireland' });
      await until(() => connection.state.kind === 'not-set-up');
    });
  });

  describe('when the AWS files change', () => {
    it('connects again when the content has changed', async () => {
      const { connection, fake, files } = connectionFixture();
      await connection.use(nothing, QUIET);
      files.change('profiles');
      await until(() => connection.state.kind === 'ready' && fake.connections.length === 2);
    });

    it('tries a new token when it is signed out, and leaves one alone otherwise', async () => {
      const { connection, sts, files, states } = connectionFixture();
      await connection.use(nothing, QUIET);
      files.change('tokens');
      await setImmediate();
      assert.equal(sts.calls, 1);
      await assert.rejects(connection.use(() => Promise.reject(awsError('expired-login')), QUIET));
      files.change('tokens');
      await until(() => connection.state.kind === 'ready');
      assert.deepEqual(states, ['connecting', 'ready', 'signed-out', 'ready']);
    });

    it('stops watching in the end', async () => {
      const { connection, fake, files } = connectionFixture();
      await connection.use(nothing, QUIET);
      connection.dispose();
      assert.equal(files.watched, 0);
      files.change('profiles');
      await setImmediate();
      assert.equal(fake.connections.length, 1);
    });
  });

  describe('for a multi-factor device', () => {
    const serial = 'arn:aws:iam::111122223333:mfa/me\u202e';

    function withDevice(answer: () => string | undefined) {
      const fixture = connectionFixture(answer);
      const codes: string[] = [];
      fixture.sts.answer = async () => {
        const ask = fixture.fake.connections.at(-1)?.mfaCode;
        // Two clients that need credentials at the same time.
        codes.push(...(await Promise.all([ask?.(serial) ?? '', ask?.(serial) ?? ''])));
        return '111122223333';
      };
      return { ...fixture, codes };
    }

    it('asks in a command, one question at a time', async () => {
      const { connection, stub, codes } = withDevice(() => '123456');
      const { createInputBox } = stub.vs.window;
      let open = 0;
      let most = 0;
      Object.assign(stub.vs.window, {
        createInputBox: () => {
          const box = createInputBox();
          const show = box.show.bind(box);
          const dispose = box.dispose.bind(box);
          box.show = () => {
            most = Math.max(most, (open += 1));
            show();
          };
          box.dispose = () => {
            open -= 1;
            dispose();
          };
          return box;
        },
      });
      await connection.use(nothing, ASK);
      assert.deepEqual([codes, most], [['123456', '123456'], 1]);
      assert.equal(stub.shown[0]?.password, false);
      assert.match(stub.shown[0].detail ?? '', /mfa\/me\\u\{202e\}$/);
    });

    it('never asks for a view: it is signed out then', async () => {
      const { connection, stub } = withDevice(() => '123456');
      await assert.rejects(connection.use(nothing, QUIET), { code: 'expired-login' });
      assert.deepEqual([connection.state.kind, stub.shown], ['signed-out', []]);
      await connection.use(nothing, ASK);
      assert.equal(connection.state.kind, 'ready');
    });

    it('is as it was before after Escape', async () => {
      const { connection } = withDevice(() => undefined);
      await assert.rejects(connection.use(nothing, QUIET));
      await assert.rejects(connection.use(nothing, ASK), { name: 'AbortError' });
      assert.equal(connection.state.kind, 'signed-out');
    });

    for (const text of ['12345', '1234567', '12345a', '']) {
      it(`refuses "${text}"`, async () => {
        const { connection, stub, codes } = withDevice(() => text);
        await assert.rejects(connection.use(nothing, ASK), { name: 'AbortError' });
        assert.equal(stub.shown.at(-1)?.problem, 'Type the six digits it shows now.');
        assert.deepEqual(codes, []);
      });
    }
  });
});
