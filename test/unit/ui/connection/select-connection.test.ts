import assert from 'node:assert/strict';
import type { StackSummary } from '../../../../src/core/stack/stack-service.ts';
import type { Profile } from '../../../../src/core/stack/aws-target.ts';
import { selectProfileCommand } from '../../../../src/ui/connection/select-profile.ts';
import { selectRegionCommand } from '../../../../src/ui/connection/select-region.ts';
import { selectStackCommand } from '../../../../src/ui/connection/select-stack.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { awsError } from '../../../helpers/ui/connection-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const PROFILES: readonly Profile[] = [
  { name: 'media', kind: 'sso', region: 'eu-west-1', endpoint: undefined },
  { name: 'x\u202ey', kind: 'keys', region: undefined, endpoint: 'http://localhost:4566' },
  { name: '$(zap) [x]', kind: 'keys', region: undefined, endpoint: undefined },
  {
    name: 'lost',
    kind: 'other',
    region: 'eu-west-1',
    endpoint: undefined,
    problem: 'It is [broken](command:x).',
  },
];

describe('Select AWS Profile', () => {
  it('lists what the files have, the present one marked, and keeps the choice', async () => {
    const { ui, stub, connection } = fixture(({ choices }) => choices[2], { profiles: PROFILES });
    stub.settings.set('mediaBatch.profile', 'media');
    await selectProfileCommand(ui);
    const [pick] = stub.shown;
    assert.deepEqual(
      pick?.items?.map(({ label, description }) => `${label}: ${description ?? ''}`),
      [
        'The AWS CLI\'s choice: environment, AWS_PROFILE or "default"',
        'media: sso · eu-west-1 · current',
        'x\\u{202e}y: keys · http://localhost:4566',
        '\\$(zap) [x]: keys',
        '$(circle-slash) lost: cannot be used',
      ],
    );
    assert.deepEqual(pick.picked, ['media']);
    assert.deepEqual(stub.updates, [{ name: 'mediaBatch.profile', value: 'x\u202ey', target: 1 }]);
    assert.deepEqual(connection.uses, [{ ask: true }]);
  });

  it('says why one cannot be used, and keeps what was', async () => {
    const { ui, stub, connection } = fixture(({ choices }) => choices.at(-1), { profiles: PROFILES });
    await selectProfileCommand(ui);
    assert.equal(stub.shown[0]?.items?.at(-1)?.detail, 'It is [broken](command:x).');
    assert.equal(stub.shown[1]?.text, 'It is [broken] (command:x).');
    assert.deepEqual([stub.updates, connection.uses], [[], []]);
  });

  it("takes the AWS CLI's choice as the empty setting", async () => {
    const { ui, stub } = fixture(({ choices }) => choices[0], { profiles: PROFILES });
    await selectProfileCommand(ui);
    assert.equal(stub.updates[0]?.value, '');
  });

  it('shows how to make one where there is none', async () => {
    const { ui, stub } = fixture(({ choices }) => choices[0], { profiles: [] });
    await selectProfileCommand(ui);
    assert.match(stub.shown[0]?.text ?? '', /aws configure/);
    assert.match(stub.opened[0] ?? '', /^https:\/\/docs\.aws\.amazon\.com/);
    assert.deepEqual(stub.updates, []);
  });

  it('keeps everything after Escape', async () => {
    const { ui, stub } = fixture(() => undefined, { profiles: PROFILES });
    await assert.rejects(selectProfileCommand(ui), { name: 'AbortError' });
    assert.deepEqual(stub.updates, []);
  });
});

describe('Select AWS Region', () => {
  it("offers the profile's first, marks the present one, also where the setting cannot be used", async () => {
    const { ui, stub } = fixture(({ choices }) => choices[0], {
      profileDefaults: { region: 'eu-south-1', endpoint: undefined },
    });
    await selectRegionCommand(ui);
    assert.deepEqual(
      stub.shown[0]?.items?.slice(0, 2).map(({ label, description }) => [label, description]),
      [
        ['eu-south-1', 'from your AWS profile'],
        ['eu-west-1', 'current'],
      ],
    );
    assert.equal(stub.updates[0]?.value, 'eu-south-1');
    stub.settings.set('mediaBatch.region', 'Ireland');
    await selectRegionCommand(ui);
    assert.equal(stub.updates.length, 2);
  });

  it('takes a typed one', async () => {
    const { ui, stub } = fixture(({ kind, choices }) => (kind === 'input' ? ' ap-east-1 ' : choices.at(-1)));
    await selectRegionCommand(ui);
    assert.equal(stub.updates[0]?.value, 'ap-east-1');
  });
});

describe('Select Stack', () => {
  const STACKS: readonly StackSummary[] = [
    { name: 'media-batch', status: 'UPDATE_COMPLETE' },
    { name: 'media-batch-2', status: 'ROLLBACK_COMPLETE' },
  ];

  function withStacks(answer: Answer, list: () => Promise<readonly StackSummary[]>) {
    const made = fixture(answer);
    made.fake.services.stacks.list = list;
    return made;
  }

  it("lists the region's pipelines with their states, the present one marked", async () => {
    const { ui, stub } = withStacks(
      ({ choices }) => choices[1],
      async () => STACKS,
    );
    await selectStackCommand(ui);
    const [pick] = stub.shown;
    assert.deepEqual(
      pick?.items?.map(({ label, description = '' }) => [label, description]),
      [
        ['media-batch', 'UPDATE_COMPLETE · current'],
        ['media-batch-2', 'ROLLBACK_COMPLETE'],
        ['Another name…', ''],
      ],
    );
    assert.match(pick.detail ?? '', /^Account 111122223333 · eu-west-1/);
    assert.deepEqual(stub.updates, [{ name: 'mediaBatch.stackName', value: 'media-batch-2', target: 1 }]);
  });

  it('takes another name, and goes back from it', async () => {
    const answers = ['Another name…', BACK_BUTTON, 'Another name…', 'archive'];
    const { ui, stub } = withStacks(
      () => answers.shift(),
      async () => STACKS,
    );
    await selectStackCommand(ui);
    assert.equal(stub.updates[0]?.value, 'archive');
  });

  for (const [what, list] of [
    ['there are none', async () => []],
    ['the right to list is missing', () => Promise.reject(awsError('missing-permission'))],
  ] as const) {
    it(`asks for the name where ${what}, and refuses what is none`, async () => {
      const answers = ['-no', 'archive'];
      const { ui, stub } = withStacks(() => answers.shift(), list);
      await selectStackCommand(ui);
      assert.deepEqual(
        stub.shown.map(({ kind, problem }) => [kind, problem]),
        [
          ['input', ''],
          ['input', 'Use letters, digits and hyphens, with a letter first.'],
        ],
      );
      assert.equal(stub.updates[0]?.value, 'archive');
    });
  }

  it('shows another failure as it is', async () => {
    const { ui } = withStacks(
      () => undefined,
      () => Promise.reject(awsError('unreachable')),
    );
    await assert.rejects(selectStackCommand(ui), { code: 'unreachable' });
  });
});
