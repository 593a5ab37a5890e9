import assert from 'node:assert/strict';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { readSettings, rememberSetting } from '../../../../src/ui/base/settings.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

function read(values: Record<string, unknown>) {
  const { vs, settings } = stubVscode();
  for (const [name, value] of Object.entries(values)) settings.set(`mediaBatch.${name}`, value);
  return readSettings(vs);
}

describe('settings', () => {
  it('are empty but for the stack name and the rhythm', () => {
    const expected = {
      profile: undefined,
      region: undefined,
      endpoint: undefined,
      stackName: 'media-batch',
      templateFile: undefined,
      refreshSeconds: 5,
    };
    assert.deepEqual(read({}), expected);
    assert.deepEqual(
      read({ profile: '', region: '', endpoint: '', stackName: '', templateFile: '' }),
      expected,
    );
  });

  it('are read as they are', () => {
    const values = {
      profile: 'my profile@work',
      region: 'us-gov-east-1',
      endpoint: 'http://localhost:4566',
      stackName: 'Archive-2',
      templateFile: '/templates/my pipeline.yaml',
      refreshSeconds: 10,
    };
    assert.deepEqual(read(values), values);
  });

  const unusable: readonly (readonly [string, unknown])[] = [
    ['profile', 'a\nb'],
    ['profile', 7],
    ['region', 'Ireland'],
    ['region', 'eu-west-1.evil.example'],
    ['endpoint', '127.0.0.1:4566'],
    ['endpoint', 'file:///etc/passwd'],
    ['endpoint', 'https://user:secret@host.example'],
    ['stackName', '-x'],
    ['stackName', 'x'.repeat(129)],
    ['stackName', {}],
    ['templateFile', 'a\0b'],
    ['templateFile', ['x']],
    ['refreshSeconds', 1],
    ['refreshSeconds', 301],
    ['refreshSeconds', 2.5],
    ['refreshSeconds', '10'],
  ];
  for (const [name, value] of unusable) {
    it(`refuse ${name} = ${JSON.stringify(value).slice(0, 40)} without repeating it`, () => {
      assert.throws(
        () => read({ [name]: value }),
        (error) =>
          error instanceof InvalidInputError &&
          error.field === `mediaBatch.${name}` &&
          !error.message.includes(String(value)),
      );
    });
  }

  it('are remembered where the workspace has them, else for the user', async () => {
    const stub = stubVscode();
    stub.settings.set('workspace mediaBatch.region', 'eu-west-1');
    await rememberSetting(stub.vs, 'region', 'eu-west-2');
    await rememberSetting(stub.vs, 'stackName', 'archive');
    assert.deepEqual(
      stub.updates.map(({ target }) => target),
      [2, 1],
    );
  });
});
