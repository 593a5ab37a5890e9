import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { nestedValues, type Values } from '../../src/aws/config/config-text.ts';
import { readSharedConfig } from '../../src/aws/config/shared-config.ts';
import { AwsError } from '../../src/core/errors.ts';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import { AwsHome } from '../helpers/aws-home.ts';

/** What config files are made of, and what their readers may differ in. */
const PIECES = [
  ...[
    '[default]',
    '[profile a]',
    '[profile "a b"]',
    "[profile 'c'] # c",
    '[profile',
    '[ profile d ]',
    '[DEFAULT]',
  ],
  ...['[sso-session s]', '[services x]', 'profile', '[', ']', 's3 =', '\n  k = v', '\n  bad'],
  ...['\n', '\n', '\n', '\r\n', '\r', '\n  ', '\n\t', '\n    ', ' ', '=', ':', '#', '; c', '"', "'", '\\'],
  ...['a', 'region', 'REGION', 'aws_access_key_id', 'x y', 'é', '\u00a0', '\ufeff', '\u2028', '\u0085'],
  ...['\u001c', '\v', '\f', '0'],
];
const TEXTS = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 16 })
  .map((parts) => `[default]\n${parts.join('')}`);

/** The AWS CLI's own reader; null for a text that it refuses. */
const THEIR_READER = `
import json, os, sys
from awscli.botocore import configloader
def read(text):
    with open(os.environ['AWS_CONFIG_FILE'], 'w', newline='', encoding='utf-8') as file:
        file.write(text)
    try:
        config = configloader.load_config(os.environ['AWS_CONFIG_FILE'])
    except Exception:
        return None
    return [config['profiles'], config['sso_sessions'], config['services']]
with open(sys.argv[1], encoding='utf-8') as file:
    print(json.dumps([read(text) for text in json.load(file)]))
`;

describe('a config file', function () {
  this.timeout(60_000);
  let home: AwsHome;

  beforeEach(async () => {
    home = await AwsHome.make();
  });
  afterEach(() => home.remove());

  it('is read as the AWS CLI reads it, with any content', async () => {
    const texts = fc.sample(TEXTS, 2_000);
    const python = (await ensurePythonTool('awscli')).bin('python');
    const path = await home.write('.aws/config', '');
    home.environment({ AWS_CONFIG_FILE: path, PYTHONUTF8: '1' });
    const input = await home.write('texts.json', JSON.stringify(texts));
    const { stdout } = await promisify(execFile)(python, ['-c', THEIR_READER, input], { maxBuffer: 1e8 });
    const theirs = JSON.parse(stdout) as unknown[];
    for (const [index, text] of texts.entries()) {
      await home.write('.aws/config', text);
      assert.deepEqual(await ours(), theirs[index], JSON.stringify(text));
    }
    assert.ok(theirs.filter((one) => one !== null).length > 200, 'many can be read');
  });
});

async function ours(): Promise<unknown> {
  try {
    const { profiles, sessions, services } = await readSharedConfig();
    return [profiles, sessions, services].map(plain);
  } catch (error) {
    assert.ok(error instanceof AwsError);
    return null;
  }
}

function plain(sections: ReadonlyMap<string, Values>): object {
  return Object.fromEntries(
    [...sections].map(([name, values]) => [
      name,
      Object.fromEntries(
        [...values].map(([key, value]) => [
          key,
          value.startsWith('\n') ? Object.fromEntries(nestedValues(value)) : value,
        ]),
      ),
    ]),
  );
}
