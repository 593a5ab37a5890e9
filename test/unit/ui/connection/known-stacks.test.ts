import assert from 'node:assert/strict';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import { stubMemento } from '../../../helpers/ui/vscode-stub-basics.ts';

const PLACE = {
  profile: 'media',
  region: 'eu-west-1',
  endpoint: undefined,
  stackName: 'media-batch',
  account: '111122223333',
};
const ID = '["media","eu-west-1","","media-batch"]';
const STACK_ID = '["eu-west-1","","media-batch"]';

describe('the known stacks', () => {
  it('are none where the memory holds another shape, and can be noted over it', async () => {
    for (const hostile of [null, 'text', 7, true, []]) {
      const known = new KnownStacks(stubMemento({ stacks: hostile, accounts: hostile }));
      assert.deepEqual(
        [known.some, known.get(PLACE), known.accountOf(PLACE)],
        [false, undefined, undefined],
        JSON.stringify(hostile),
      );
      await known.note(PLACE, { muted: true });
      assert.deepEqual([known.get(PLACE), known.accountOf(PLACE)], [{ muted: true }, '111122223333']);
    }
  });

  it('leave out entries of another shape, and keep the others', () => {
    const stacks = { x: null, y: 'text', [ID]: { deadLetters: 2 } };
    const known = new KnownStacks(stubMemento({ stacks, accounts: { [STACK_ID]: { not: 'text' } } }));
    assert.deepEqual([known.get(PLACE), known.accountOf(PLACE)], [{ deadLetters: 2 }, undefined]);
    const bad = new KnownStacks(stubMemento({ stacks: { [ID]: null } }));
    assert.deepEqual([bad.some, bad.get(PLACE)], [false, undefined]);
  });

  it('keep the account of a stack that is missing in another account', async () => {
    const known = new KnownStacks(stubMemento());
    await known.note(PLACE);
    await known.forget({ ...PLACE, account: '444455556666' });
    assert.deepEqual([known.some, known.accountOf(PLACE)], [false, '111122223333']);
    await known.forget(PLACE);
    assert.equal(known.accountOf(PLACE), undefined);
  });

  it('do not take the account of a look at the stack, only of its use', async () => {
    const known = new KnownStacks(stubMemento());
    await known.note(PLACE);
    const elsewhere = { ...PLACE, profile: 'other', account: '444455556666' };
    await known.note(elsewhere);
    assert.equal(known.accountOf(PLACE), '111122223333');
    await known.useAccount(elsewhere);
    assert.equal(known.accountOf(PLACE), '444455556666');
  });
});
