import assert from 'node:assert/strict';
import type { Stack } from '../../../../src/core/stack/stack-service.ts';
import { askDeployForm } from '../../../../src/ui/pipeline/deploy-inputs.ts';
import type { DeployForm } from '../../../../src/ui/pipeline/deploy-form.ts';
import type { Answer, Shown } from '../../../helpers/ui/vscode-stub.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import { answering, enter } from '../../../helpers/ui/press-enter.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const [NAME, CONNECTION, KEY, PACE, MAIL, MORE] = [1, 2, 3, 4, 5, 6];
const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/ittybit/key';
const EXISTING: Stack = {
  ...stackOf('UPDATE_COMPLETE'),
  parameters: {
    ConnectionId: 'conn_1',
    AlarmEmail: 'me@example.com',
    ApiKeyArn: ARN,
    BatchSize: '5',
    MaximumConcurrency: '2',
    MaxAttempts: '7',
  },
};

interface Asked {
  readonly form: DeployForm;
  readonly shown: readonly Shown[];
}

async function ask(answer: Answer, existing?: Stack): Promise<Asked> {
  const { ui, stub, connection } = fixture(answer, existing ? { existing } : {});
  return { form: await askDeployForm(ui, connection.session), shown: stub.shown };
}

const at = ({ shown }: Asked, step: number): Shown => {
  const found = shown.find((each) => each.step === step);
  assert.ok(found, `step ${step}`);
  return found;
};

describe('the questions of Deploy Pipeline', () => {
  it('are six steps that each say where they work', async () => {
    const { shown } = await ask(enter);
    assert.deepEqual(
      shown.map(({ step, totalSteps }) => `${step}/${totalSteps}`),
      ['1/6', '2/6', '3/6', '4/6', '5/6', '6/6'],
    );
    for (const { detail, text } of shown) {
      assert.equal(text, 'Deploy Pipeline');
      assert.match(detail ?? '', /Account 111122223333 · eu-west-1 · default credentials/);
    }
  });

  it('change nothing with Enter all the way', async () => {
    assert.deepEqual((await ask(enter)).form.chosen, {});
    assert.deepEqual((await ask(enter, EXISTING)).form.chosen, {});
  });

  it('have what the stack has now filled in', async () => {
    const asked = await ask(enter, EXISTING);
    assert.deepEqual(at(asked, NAME).choices, ['media-batch']);
    assert.deepEqual(at(asked, CONNECTION).choices, ['conn_1']);
    assert.deepEqual(at(asked, KEY).picked, ['Keep as It Is']);
    assert.equal(at(asked, KEY).items?.[0]?.description, ARN);
    assert.equal(at(asked, PACE).choices[0], 'Keep as It Is');
    assert.deepEqual(at(asked, MAIL).choices, ['me@example.com']);
    assert.equal(at(asked, MORE).items?.find(({ label }) => label.endsWith('Attempts'))?.description, '7');
  });

  for (const step of [NAME, CONNECTION, KEY, PACE, MAIL, MORE]) {
    it(`end it all on Escape at step ${step}`, async () => {
      await assert.rejects(ask(answering({ [step]: [undefined] })), { name: 'AbortError' });
    });
  }

  it('send an emptied value, and nothing for one that is left alone', async () => {
    const { form } = await ask(answering({ [MAIL]: [''] }), EXISTING);
    assert.deepEqual(form.chosen, { AlarmEmail: '' });
  });

  it('send what is new', async () => {
    const { form } = await ask(
      answering({ 2: ['conn_2'], 3: ['Let the Stack Create a Secret'], 4: ['50 at once'], 5: ['a@b.c'] }),
      EXISTING,
    );
    assert.deepEqual(form.chosen, {
      ConnectionId: 'conn_2',
      ApiKeyArn: '',
      BatchSize: '10',
      MaximumConcurrency: '5',
      AlarmEmail: 'a@b.c',
    });
  });

  it('go back with what was answered, and take an answer back', async () => {
    const asked = await ask(answering({ 2: ['conn_2', 'conn_1'], 3: [BACK_BUTTON] }), EXISTING);
    const connections = asked.shown.filter(({ step }) => step === CONNECTION);
    assert.deepEqual(
      connections.map(({ choices }) => choices[0]),
      ['conn_1', 'conn_2'],
    );
    assert.deepEqual(asked.form.chosen, {});
  });

  it('forget the answers for a stack of another name', async () => {
    const { form } = await ask(answering({ 1: ['one', 'two'], 2: ['conn_2', BACK_BUTTON] }));
    assert.equal(form.stackName, 'one');
    const other = await ask(answering({ 1: ['one', 'two'], 2: ['conn_2', ''], 3: [BACK_BUTTON] }));
    assert.deepEqual(other.form.chosen, {});
  });

  it('never show a value that AWS hides, and keep it where nothing is typed', async () => {
    const parameters = {
      ...EXISTING.parameters,
      ConnectionId: '****',
      ApiKeyArn: '****',
      AlarmEmail: '****',
    };
    const asked = await ask(enter, { ...EXISTING, parameters });
    assert.deepEqual(asked.form.chosen, {});
    for (const step of [CONNECTION, MAIL]) {
      assert.equal(at(asked, step).password, true);
      assert.deepEqual(at(asked, step).choices, ['']);
    }
    assert.deepEqual(at(asked, KEY).picked, ['Keep as It Is']);
    assert.doesNotMatch(JSON.stringify(asked.shown), /\*\*\*\*/);
    const typed = await ask(answering({ 5: ['new@example.com'] }), { ...EXISTING, parameters });
    assert.deepEqual(typed.form.chosen, { AlarmEmail: 'new@example.com' });
  });

  it('take the ARN of a secret of the right kind and region only', async () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ittybit-AbCdEf';
    const asked = await ask(
      answering({
        3: [
          'A Secret of Secrets Manager…',
          'my-secret',
          ARN,
          'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ittybit',
          // The stub's person gives up after three refusals.
        ],
      }),
      EXISTING,
    ).catch((error: unknown) => error);
    assert.equal((asked as Error).name, 'AbortError');
    const { form } = await ask(answering({ 3: ['A Secret of Secrets Manager…', secret] }), EXISTING);
    assert.deepEqual(form.chosen, { ApiKeyArn: secret });
  });

  it('go back from the ARN to the ways of keeping the key', async () => {
    const { form, shown } = await ask(
      answering({ 3: ['A Secret of Secrets Manager…', BACK_BUTTON, 'Let the Stack Create a Secret'] }),
    );
    assert.deepEqual(form.chosen, {});
    assert.equal(shown.filter(({ step }) => step === KEY).length, 3);
  });

  it('come back to the list from each of the other settings, with what was changed', async () => {
    const asked = await ask(
      answering({
        6: ['$(edit) Attempts', '4', '$(edit) Log retention', '90 days', '$(edit) Attempts', BACK_BUTTON],
      }),
      EXISTING,
    );
    assert.deepEqual(asked.form.chosen, { MaxAttempts: '4', LogRetentionDays: '90' });
    const lists = asked.shown.filter(({ items }) => items?.some(({ label }) => label.endsWith('Attempts')));
    assert.equal(lists.length, 4);
    const last = lists.at(-1)?.items?.find(({ label }) => label.endsWith('Attempts'));
    assert.equal(last?.description, '4 (was 7)');
  });

  it('take when to reconcile and the key that encrypts the API key', async () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const answers = { 6: ['$(edit) Reconcile after', '30', '$(edit) KMS key of the API key', key] };
    const { form } = await ask(answering(answers), EXISTING);
    assert.deepEqual(form.chosen, { ReconcileAfterMinutes: '30', ApiKeyKmsKeyArn: key });
  });

  it('take the boundary of the roles', async () => {
    const boundary = 'arn:aws:iam::111122223333:policy/teams/boundary';
    const { form } = await ask(answering({ 6: ['$(edit) Permissions boundary', boundary] }), EXISTING);
    assert.deepEqual(form.chosen, { PermissionsBoundaryArn: boundary });
  });

  it('take how many failed results hold a batch, and say what 0 means', async () => {
    const off = await ask(answering({ 6: ['$(edit) Brake', '0', '$(edit) Brake', BACK_BUTTON] }), EXISTING);
    assert.deepEqual(off.form.chosen, { BrakePercent: '0' });
    const rows = off.shown.flatMap(({ items = [] }) =>
      items.filter(({ label }) => label === '$(edit) Brake'),
    );
    assert.equal(rows[0]?.description, '20 %');
    assert.equal(rows.at(-1)?.description, 'off (was 20 %)');
  });

  for (const [label, wrong] of [
    ['$(edit) Attempts', '11'],
    ['$(edit) Brake', '101'],
    ['$(edit) Batching window', '61'],
    ['$(edit) Reconcile after', '0'],
    ['$(edit) Reconcile after', '1441'],
    ['$(edit) KMS key of the API key', 'arn:aws:kms:eu-west-1:111122223333:alias/key'],
    ['$(edit) Permissions boundary', 'boundary'],
    ['$(edit) Permissions boundary', 'arn:aws:iam::111122223333:role/boundary'],
    ['$(edit) Ittybit API address', 'http://api.ittybit.com'],
  ] as const) {
    it(`refuse what the template refuses: ${label} ${wrong}`, async () => {
      const answers = answering({ 6: [label, wrong, undefined] });
      await assert.rejects(ask(answers), { name: 'AbortError' });
    });
  }

  it('show hostile values as they are', async () => {
    const hostile = 'x\u202e$(alert)[y](command:z)';
    const parameters = { ...EXISTING.parameters, IttybitApiUrl: hostile, ApiKeyArn: `${ARN}${hostile}` };
    const asked = await ask(enter, { ...EXISTING, parameters });
    for (const { items = [] } of asked.shown) {
      for (const { description = '', detail = '' } of items) {
        assert.doesNotMatch(description + detail, /\u202e|(?<!\\)\$\(alert\)/);
      }
    }
  });
});
