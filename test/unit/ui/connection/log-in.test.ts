import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Profile, ProfileKind } from '../../../../src/core/stack/aws-target.ts';
import { logInCommand } from '../../../../src/ui/connection/log-in.ts';
import { loginHelps, loginOf } from '../../../../src/ui/connection/login-command.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { awsError } from '../../../helpers/ui/connection-fixture.ts';
import { AWS_FILES } from '../../../helpers/ui/fake-cloud.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

function profile(name: string, kind: ProfileKind, source?: string): Profile {
  return { name, kind, source, region: undefined, endpoint: undefined };
}

describe('the way to log in', () => {
  const command = (name: string, profiles: readonly Profile[]): string | undefined => {
    const login = loginOf(name, profiles);
    return login.kind === 'command' ? login.command : login.kind;
  };

  it('is a command of the AWS CLI for SSO and login sessions', () => {
    assert.equal(command('a b', [profile('a b', 'sso')]), 'aws sso login --profile "a b"');
    assert.equal(command('me@work', [profile('me@work', 'login')]), 'aws login --profile "me@work"');
  });

  it('of a role is that of the profile that assumes it', () => {
    const roles = [
      profile('role', 'assume-role', 'between'),
      profile('between', 'assume-role', 'media'),
      profile('media', 'sso'),
    ];
    assert.equal(command('role', roles), 'aws sso login --profile "media"');
    assert.equal(command('loop', [profile('loop', 'assume-role', 'loop')]), 'own');
    assert.equal(command('lost', [profile('lost', 'assume-role', 'gone')]), 'own');
  });

  it('of keys, processes and missing profiles is not ours', () => {
    for (const kind of ['keys', 'process', 'other'] as const)
      assert.equal(command('p', [profile('p', kind)]), 'own');
    assert.equal(command('p', []), 'own');
  });

  it('sends nothing back to a machine that has no browser', () => {
    const remote = (kind: ProfileKind) => loginOf('p', [profile('p', kind)], true);
    assert.deepEqual(remote('sso'), {
      kind: 'command',
      command: 'aws sso login --use-device-code --profile "p"',
      env: {},
    });
    assert.deepEqual(remote('login'), {
      kind: 'command',
      command: 'aws login --remote --profile "p"',
      env: {},
    });
    assert.deepEqual(remote('keys'), { kind: 'own' });
  });

  it('has names that mean something to a shell in the environment, not in the command', () => {
    for (const name of [
      '$(id)',
      '`id`',
      '"; id',
      "' & id",
      '%PATH%',
      'a\\',
      '!x',
      '-x',
      '--help',
      '\u201dx',
      'a\nb',
    ])
      assert.deepEqual(loginOf(name, [profile(name, 'sso')]), {
        kind: 'command',
        command: 'aws sso login',
        env: { AWS_DEFAULT_PROFILE: name, AWS_PROFILE: name },
      });
  });

  it('never lets anything out of the quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = command(name, [profile(name, 'sso')]);
        if (text !== 'aws sso login')
          assert.match(
            text ?? '',
            /^aws sso login --profile "[^"'$`%!\\\r\n\0&|<>^;()-][^"'$`%!\\\r\n\0&|<>^;()]*"$/,
          );
      }),
    );
  });
});

describe('Log In to AWS', () => {
  const EXPIRED = { kind: 'signed-out', error: awsError('expired-login'), profile: 'media' } as const;

  function signedOut(kind: ProfileKind, answer: Answer = () => undefined, name = 'media') {
    const made = fixture(answer, { profiles: [profile(name, kind)] });
    made.stub.settings.set('mediaBatch.profile', name);
    made.connection.become(EXPIRED);
    return made;
  }

  it('does nothing more where the credentials work, as after a multi-factor code', async () => {
    const { ui, stub, connection } = fixture();
    await logInCommand(ui);
    assert.deepEqual([connection.uses, stub.terminals, stub.shown], [[{ ask: true }], [], []]);
  });

  it('opens a terminal with the login, and looks once when it is closed', async () => {
    const { ui, stub, connection } = signedOut('sso');
    await logInCommand(ui);
    const [terminal] = stub.terminals;
    assert.deepEqual(terminal?.sent, ['aws sso login --profile "media"']);
    terminal.close();
    terminal.close();
    await setImmediate();
    assert.equal(connection.uses.length, 2);
  });

  it('looks once when the window has the focus again, and not after the login', async () => {
    const { ui, stub, connection } = signedOut('login');
    await logInCommand(ui);
    stub.focus(true);
    assert.equal(connection.uses.length, 1);
    for (const focused of [false, true, false, true]) stub.focus(focused);
    await setImmediate();
    assert.equal(connection.uses.length, 2);
    connection.become({ kind: 'ready', session: connection.session });
    stub.terminals[0]?.close();
    assert.equal(connection.uses.length, 2);
  });

  it('says what to do for other profiles', async () => {
    const { ui, stub } = signedOut('keys', ({ choices }) => choices[1]);
    await logInCommand(ui);
    assert.match(stub.shown[0]?.text ?? '', /"media" does not use a login of the AWS CLI/);
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.selectProfile');
  });

  it('opens the credentials file', async () => {
    const { ui, stub } = signedOut('process', ({ choices }) => choices[0]);
    await logInCommand(ui);
    assert.equal(stub.documents.length, 1);
  });

  it('types no odd name into a terminal', async () => {
    const { ui, stub } = signedOut('sso', undefined, '$(id)');
    await logInCommand(ui);
    assert.deepEqual(stub.terminals[0]?.sent, ['aws sso login']);
    const { options } = stub.terminals[0] as unknown as { options: { env: unknown } };
    assert.deepEqual(options.env, { AWS_DEFAULT_PROFILE: '$(id)', AWS_PROFILE: '$(id)' });
  });

  it('says that keys of the environment go before a login', async () => {
    const { ui, stub } = signedOut('sso', ({ choices }) => choices[0]);
    stub.settings.delete('mediaBatch.profile');
    Object.assign(ui.cloud, { files: async () => ({ ...AWS_FILES, environmentKeys: true }) });
    await logInCommand(ui);
    assert.deepEqual(stub.terminals, []);
    assert.match(stub.shown[0]?.text ?? '', /keys in the environment of VS Code are used before any login/);
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.selectProfile');
    assert.equal(loginHelps(undefined, { ...AWS_FILES, environmentKeys: true }, []), false);
    assert.equal(loginHelps('media', { ...AWS_FILES, environmentKeys: true }, []), true);
  });

  it('uses a code where the window is remote', async () => {
    const { ui, stub } = signedOut('sso');
    Object.assign(stub.vs.env, { remoteName: 'ssh-remote' });
    await logInCommand(ui);
    assert.deepEqual(stub.terminals[0]?.sent, ['aws sso login --use-device-code --profile "media"']);
  });

  it('shows a failure that a login does not fix', async () => {
    const { ui, connection } = fixture();
    connection.become({ kind: 'failed', error: awsError('unreachable') });
    await assert.rejects(logInCommand(ui), { code: 'unreachable' });
  });
});
