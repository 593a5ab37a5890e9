import assert from 'node:assert/strict';
import {
  connectionDescription,
  connectionLine,
  type Session,
} from '../../../../src/ui/connection/session.ts';
import { withSessionToWrite } from '../../../../src/ui/connection/with-session.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const { ui, connection } = fixture();

function session(change: Partial<Session> = {}): Session {
  return { ...connection.session, profileKind: undefined, ...change };
}

describe('a session', () => {
  it('is lent to commands that write, which may ask', async () => {
    assert.equal(await withSessionToWrite(ui, async ({ region }) => region), 'eu-west-1');
    assert.deepEqual(connection.uses, [{ ask: true }]);
  });

  it('is described for a view', () => {
    const described = (change: Partial<Session>): string => connectionDescription(ui.vs, session(change));
    assert.equal(described({}), 'media-batch · eu-west-1 · 1111-2222-3333 (default credentials)');
    assert.equal(
      described({ profile: 'media', profileKind: 'sso', endpoint: 'http://localhost:4566/x' }),
      'media-batch · eu-west-1 · 1111-2222-3333 (sso: media) · localhost:4566',
    );
    assert.equal(
      described({ account: 'local', profile: 'a\u202eb', profileKind: 'assume-role', endpoint: 'no url\n' }),
      'media-batch · eu-west-1 · local (role: a\\u{202e}b) · no url\\u{a}',
    );
    assert.match(described({ profile: 'gone' }), /\(profile: gone\)/);
  });

  it('is described for a dialog', () => {
    assert.equal(
      connectionLine(ui.vs, session({ profile: 'a\nb', endpoint: 'http://localhost:4566' })),
      'Account 111122223333 · eu-west-1 · profile a\\u{a}b · custom endpoint http://localhost:4566',
    );
  });
});
