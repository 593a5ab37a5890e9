import assert from 'node:assert/strict';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processCredentials } from '../../../../src/aws/credentials/credential-process.ts';

const KEYS = '"Version": 1, "AccessKeyId": "AKIAP", "SecretAccessKey": "hush"';

describe('credential_process', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-process-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs a shell script as the process of a profile. */
  const run = async (script: string) => {
    const file = join(folder, 'tool.sh');
    await writeFile(file, script);
    return processCredentials({
      kind: 'process',
      profile: 'p',
      command: `sh '${file}'`,
      accountId: undefined,
    });
  };
  const answering = (extra: string) => run(`cat <<'END'\n{${KEYS}${extra}}\nEND\n`);

  it('that asks for something is told at once that there is no answer', async () => {
    assert.equal((await run(`cat >/dev/null\necho '{${KEYS}}'\n`)).accessKeyId, 'AKIAP');
  });

  it('may log 2 MB to stderr', async () => {
    const script = `head -c 2000000 /dev/zero | tr '\\0' x >&2\necho '{${KEYS}}'\n`;
    assert.equal((await run(script)).accessKeyId, 'AKIAP');
  });

  it('that prints without end is stopped', async () => {
    await assert.rejects(run('exec cat /dev/zero\n'), /it printed more than 16 MB\. Try/);
  });

  it('says why it ended, without colours and secrets', async () => {
    const token = 'hvs-CAESIJ_lWq0vYq1Kx2-Yz8Lr4Tt6Uu8Vv0Ww2Xx';
    await assert.rejects(
      run(`printf '\\033[31mno vault for ${token}\\033[0m\\n' >&2; exit 3\n`),
      (error: Error) => {
        assert.match(error.message, /gives no credentials: no vault for \*\*\* \(exit 3\)\. Try/);
        return true;
      },
    );
    await assert.rejects(run('kill -9 $$\n'), /it ended with signal SIGKILL and said nothing/);
  });

  it('says when its keys end, in what the AWS CLI reads as a time', async () => {
    const at = async (text: string) =>
      (await answering(`, "Expiration": "${text}"`)).expiration?.toISOString();
    for (const text of [
      '2099-01-02T03:04:05Z',
      '2099-01-02T03:04:05.000000001Z',
      '2099-01-02 03:04:05 UTC',
      '2099-01-02T03:04:05UTC',
      '20990102T030405Z',
      ' 2099-01-02t03:04:05z ',
      '2099-01-02T05:04:05+02',
      '2099-01-02T05:04:05+0200',
      '2099-01-01T23:34:05-03:30',
      'Fri, 02 Jan 2099 03:04:05 GMT',
    ])
      assert.equal(await at(text), '2099-01-02T03:04:05.000Z', text);
    assert.equal(await at('2099-01-02T03:04:05,5Z'), '2099-01-02T03:04:05.500Z');
    assert.equal((await answering(', "Expiration": null')).expiration, undefined);
  });

  it('is refused an end that is no point in time', async () => {
    const ends = [
      '""',
      '4070908800',
      'true',
      '"2099-01-02"',
      '"2099-01-02T03:04:05"',
      '"2099-13-02T03:04:05Z"',
    ];
    for (const end of ends)
      await assert.rejects(
        answering(`, "Expiration": ${end}`),
        /has no readable Expiration: a time with its/,
        end,
      );
  });

  it('is refused any answer that is not whole, and none of it is repeated', async () => {
    const answers: [string, RegExp][] = [
      [`{${KEYS}`, /prints something that is not JSON/],
      [`hush {${KEYS}}`, /prints something that is not JSON/],
      ['null', /prints something that is not JSON/],
      [`[{${KEYS}}]`, /is not of Version 1/],
      [`{${KEYS.replace('1', '2')}}`, /is not of Version 1/],
      [`{${KEYS.replace('1', '"1"')}}`, /is not of Version 1/],
      [`{${KEYS.replace('"AKIAP"', '""')}}`, /no AccessKeyId or no SecretAccessKey/],
      [`{${KEYS.replace('"hush"', '["hush"]')}}`, /no AccessKeyId or no SecretAccessKey/],
      ['{"Version": 1, "SecretAccessKey": "hush"}', /no AccessKeyId or no SecretAccessKey/],
    ];
    for (const [answer, says] of answers) {
      await assert.rejects(run(`cat <<'END'\n${answer}\nEND\n`), (error: Error) => {
        assert.match(error.message, says, answer);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /hush|AKIAP/);
        return true;
      });
    }
  });

  it('that cannot be run is named, and no shell ever reads its words', async () => {
    const process = (command: string) =>
      processCredentials({ kind: 'process', profile: 'p', command, accountId: undefined });
    await assert.rejects(process(join(folder, 'none')), /there is no such program/);
    await assert.rejects(process(folder), /it cannot be run \(EACCES\)/);
    for (const command of ['', '   ', "sh 'tool.sh"]) {
      await assert.rejects(process(command), /the command is empty, or a quotation in it is not closed/);
    }
    const made = join(folder, 'made');
    await assert.rejects(process(`echo x; touch ${made}`), /is not JSON/);
    await assert.rejects(process(`echo $(touch ${made})`), /is not JSON/);
    await assert.rejects(access(made), { code: 'ENOENT' });
  });

  it('gives the session token and the account with its keys', async () => {
    const given = await answering(', "SessionToken": "token", "AccountId": "111122223333"');
    assert.deepEqual([given.sessionToken, given.accountId], ['token', '111122223333']);
    const odd = await answering(', "AccountId": 111122223333');
    assert.equal(odd.accountId, undefined);
  });

  it('is refused a token that is no text', async () => {
    await assert.rejects(answering(', "SessionToken": 5'), /a SessionToken that is no text/);
    for (const none of ['""', 'null'])
      assert.equal((await answering(`, "SessionToken": ${none}`)).sessionToken, undefined);
  });
});
