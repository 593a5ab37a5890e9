import assert from 'node:assert/strict';
import { AwsError } from '../../../src/core/errors.ts';
import { withSession } from '../../../src/ui/session.ts';
import { fixture } from './ui-fixture.ts';

describe('withSession', () => {
  it('asks for the region where none is set, the one of the profile first, and keeps it', async () => {
    const { ui, stub, fake } = fixture(({ choices }) => choices[0], {
      profileDefaults: { region: 'eu-south-1', endpoint: undefined },
    });
    stub.settings.delete('mediaBatch.region');
    assert.equal(await withSession(ui, async ({ region }) => region), 'eu-south-1');
    assert.equal(fake.connections[0]?.region, 'eu-south-1');
    assert.deepEqual(stub.updates, [{ name: 'mediaBatch.region', value: 'eu-south-1', target: 1 }]);
  });

  it('takes a typed region', async () => {
    const { ui, stub } = fixture(({ kind, choices }) => (kind === 'input' ? 'ap-east-1' : choices.at(-1)));
    stub.settings.delete('mediaBatch.region');
    assert.equal(await withSession(ui, async ({ region }) => region), 'ap-east-1');
  });

  it('connects nowhere when the region is not chosen', async () => {
    const { ui, stub, fake } = fixture(() => undefined);
    stub.settings.delete('mediaBatch.region');
    await assert.rejects(
      withSession(ui, async () => 1),
      { name: 'AbortError' },
    );
    assert.deepEqual(fake.connections, []);
  });

  it('lets the endpoint of the settings go before the one of the profile', async () => {
    const { ui, stub, fake } = fixture(() => undefined, {
      profileDefaults: { region: undefined, endpoint: 'http://profile:1' },
    });
    stub.settings.set('mediaBatch.endpoint', 'http://localhost:4566');
    stub.settings.set('mediaBatch.profile', 'local');
    assert.equal(await withSession(ui, async ({ endpoint }) => endpoint), 'http://localhost:4566');
    assert.deepEqual(fake.connections, [
      { profile: 'local', endpoint: 'http://localhost:4566', region: 'eu-west-1' },
    ]);
  });

  it('closes the connection when the credentials do not work', async () => {
    const callerError = new AwsError('expired-login', 'The login has expired.', {
      operation: 'sts:GetCallerIdentity',
      awsCode: 'ExpiredToken',
    });
    const { ui, fake } = fixture(() => undefined, { callerError });
    await assert.rejects(
      withSession(ui, async () => 1),
      callerError,
    );
    assert.equal(fake.open, 0);
  });
});
