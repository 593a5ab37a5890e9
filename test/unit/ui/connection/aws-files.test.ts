import assert from 'node:assert/strict';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { watchAwsFiles, type AwsFileChange } from '../../../../src/ui/connection/aws-files.ts';
import { AWS_FILES } from '../../../helpers/ui/fake-cloud.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

async function watch() {
  const { ui, stub } = fixture();
  const changes: AwsFileChange[] = [];
  const watching = watchAwsFiles(ui, (change) => changes.push(change));
  await setImmediate();
  const [config, credentials, tokens] = stub.watchers;
  assert.ok(config && credentials && tokens);
  return { stub, changes, watching, config, credentials, tokens };
}

describe('the AWS files', () => {
  it('are watched in their folders, not below them', async () => {
    const patterns = (await watch()).stub.watchers.map(({ pattern }) => {
      const { base, pattern: glob } = pattern as { base: { path: string }; pattern: string };
      return `${base.path} ${glob}`;
    });
    assert.deepEqual(patterns, ['/home/me/.aws config', '/keys credentials', '/home/me/sso *.json']);
  });

  it('tell of another content once, and of the same content never', async () => {
    const { stub, changes, config, credentials, tokens } = await watch();
    config.change();
    credentials.change();
    tokens.change();
    while (changes.length === 0) await setTimeout(10);
    assert.deepEqual(changes, ['tokens']);
    stub.files.set(AWS_FILES.credentials, '[default]');
    for (let event = 0; event < 5; event += 1) credentials.change();
    while (changes.length < 2) await setTimeout(10);
    config.change();
    tokens.change();
    while (changes.length < 3) await setTimeout(10);
    assert.deepEqual(changes, ['tokens', 'profiles', 'tokens']);
  });

  it('are not watched where the watch has ended before it began', async () => {
    const { ui, stub } = fixture();
    watchAwsFiles(ui, () => undefined).dispose();
    await setImmediate();
    assert.ok(stub.watchers.every(({ disposed }) => disposed));
  });

  it('tell nothing any more when the watch has ended', async () => {
    const { stub, changes, watching, tokens } = await watch();
    tokens.change();
    watching.dispose();
    await setImmediate();
    assert.ok(stub.watchers.every(({ disposed }) => disposed));
    assert.deepEqual(changes, []);
  });
});
