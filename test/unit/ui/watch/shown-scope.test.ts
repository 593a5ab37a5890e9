import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { awsError } from '../../../helpers/fakes.ts';
import {
  Account,
  batchOf,
  DEFAULT_NAME,
  expired,
  letterOf,
  recordOf,
  shownWorld,
  untilRows,
} from '../../../helpers/ui/shown-world.ts';

type World = ReturnType<typeof shownWorld>;

describe('what is shown belongs to one connection and one stack', () => {
  let here: Account;
  let there: Account;
  let world: World;

  beforeEach(() => {
    here = new Account('111111111111', { film: ['a.mov', '1999/b.mov'] });
    there = new Account('222222222222', { tape: ['x.mov'] });
    world = shownWorld({ here, there }, 'here');
  });

  afterEach(() => {
    world.dispose();
  });

  const choose = (setting: string, value: string): void => {
    world.stub.changeSettings({ [`mediaBatch.${setting}`]: value });
  };

  /** @returns the rows of the Pipeline view once all is read */
  const whole = (deadLetters: string) => [
    /^Dispatch: running/,
    /^Queue: \d/,
    `Dead letters: ${deadLetters}`,
    /^Stack/,
    /^Outputs/,
  ];

  describe('Dead Letters', () => {
    it('lists what the badge counts after the first deploy under the default name, without Refresh', async () => {
      const { deadLetters } = world.screens;
      await world.know();
      world.show(deadLetters);
      await untilRows(world, deadLetters, []);
      const stack = here.deploy(DEFAULT_NAME, 'CREATE_IN_PROGRESS');
      await untilRows(world, deadLetters, []);
      stack.status = 'CREATE_COMPLETE';
      stack.letters.push(letterOf('a.mov'));
      await untilRows(world, deadLetters, [/^1 {2}bad a\.mov: rejected/]);
      assert.equal(deadLetters.tree.badge?.value, 1);
      assert.equal(world.stub.statusBarItems[0]?.text, '$(warning) 1 dead letter');
    });

    it('follows the stack that goes, is made again, and another profile', async () => {
      const { deadLetters } = world.screens;
      here.deploy().letters.push(letterOf('old.mov'));
      world.show(deadLetters);
      await untilRows(world, deadLetters, [/^1 {2}bad old\.mov/]);
      here.stacks.delete(DEFAULT_NAME);
      await untilRows(world, deadLetters, []);
      assert.equal(deadLetters.tree.badge, undefined);
      here.deploy().letters.push(letterOf('new.mov'));
      await untilRows(world, deadLetters, [/^1 {2}bad new\.mov/]);
      there.deploy().letters.push(letterOf('theirs.mov'));
      choose('profile', 'there');
      await untilRows(world, deadLetters, [/^1 {2}bad theirs\.mov/]);
    });

    it('looks again when a redrive has said so, whatever the number', async () => {
      const { deadLetters } = world.screens;
      const { letters } = here.deploy();
      letters.push(letterOf('first.mov'));
      world.show(deadLetters);
      await untilRows(world, deadLetters, [/^1 {2}bad first\.mov/]);
      letters.splice(0, 1, letterOf('other.mov'));
      world.ui.scopes.present.redriven();
      await untilRows(world, deadLetters, [/^1 {2}bad other\.mov/]);
    });
  });

  describe('Batches', () => {
    it('keeps nothing of a stack that was deleted, though its table stays', async () => {
      const { batches } = world.screens;
      here.deploy().batches.set(...batchOf('b1', 'old/'));
      await world.know();
      world.show(batches);
      await untilRows(world, batches, [/^old\//]);
      here.stacks.delete(DEFAULT_NAME);
      await untilRows(world, batches, []);
    });

    it('shows the batches of the stack that was made again at once, and of no other', async () => {
      const { batches } = world.screens;
      here.deploy().batches.set(...batchOf('b1', 'old/'));
      await world.know();
      world.show(batches);
      await untilRows(world, batches, [/^old\//]);
      here.deploy();
      await untilRows(world, batches, []);
      here.stacks.get(DEFAULT_NAME)?.batches.set(...batchOf('b2', 'new/'));
      await untilRows(world, batches, [/^new\//]);
    });

    it('finds a stack that was made again when Refresh is pressed with this view alone', async () => {
      const { batches } = world.screens;
      here.deploy().batches.set(...batchOf('b1', 'old/'));
      world.show(batches);
      await untilRows(world, batches, [/^old\//]);
      here.deploy().batches.set(...batchOf('b2', 'new/'));
      void world.ui.scopes.present.refresh();
      await untilRows(world, batches, [/^new\//]);
    });

    it('shows no row of files that were sent without Media Batch to another stack', async () => {
      const { batches } = world.screens;
      here.deploy('a').batches.set('default', recordOf(undefined, 7));
      here.deploy('b').batches.set(...batchOf('b1', 'b/'));
      choose('stackName', 'a');
      world.show(batches);
      await untilRows(world, batches, [/^Sent without Media Batch: 7 done/]);
      choose('stackName', 'b');
      await untilRows(world, batches, [/^b\//]);
    });

    it('follows another profile with a stack of the same name', async () => {
      const { batches } = world.screens;
      here.deploy().batches.set('default', recordOf(undefined, 7));
      there.deploy().batches.set(...batchOf('b1', 'theirs/'));
      world.show(batches);
      await untilRows(world, batches, [/^Sent without Media Batch/]);
      choose('profile', 'there');
      await untilRows(world, batches, [/^theirs\//]);
    });
  });

  describe('Buckets', () => {
    const level = async (): Promise<void> => {
      const [film] = await world.screens.buckets.tree.rows();
      await world.screens.buckets.tree.rows(film?.node);
    };
    const until = async (condition: () => boolean): Promise<void> => {
      for (let turn = 0; turn < 200 && !condition(); turn += 1) {
        world.pass();
        await setImmediate();
      }
      assert.ok(condition());
    };
    const asked = () => here.asked.filter((request) => request.startsWith('resultsOf')).length;

    it('keeps its levels over another stack, whose results it asks for once', async () => {
      here.deploy('a').batches.set(...batchOf('a1', ''));
      here.deploy('b').batches.set(...batchOf('b1', ''));
      choose('stackName', 'a');
      world.show(world.screens.buckets, world.screens.batches);
      await level();
      await until(() => asked() === 1);
      await untilRows(world, world.screens.batches, [/^[a-z]+\/:/]);
      const listed = here.buckets.asked.length;
      choose('stackName', 'b');
      await untilRows(world, world.screens.batches, [/^[a-z]+\/:/]);
      await level();
      await until(() => asked() === 2);
      await level();
      for (let turn = 0; turn < 20; turn += 1) {
        world.pass();
        await setImmediate();
      }
      assert.equal(asked(), 2, 'the settled batches of the other stack are no news');
      assert.equal(here.buckets.asked.length, listed, 'no level is listed again');
    });

    it('says nothing of results once the stack is gone', async () => {
      here.deploy().batches.set(...batchOf('a1', ''));
      await world.know();
      world.show(world.screens.buckets);
      await level();
      await until(() => asked() === 1);
      const rows = async () => {
        const [film] = await world.screens.buckets.tree.rows();
        return (await world.screens.buckets.tree.rows(film?.node)).map(({ description }) => description);
      };
      await setImmediate();
      assert.deepEqual(await rows(), ['', '10 B, succeeded']);
      here.stacks.delete(DEFAULT_NAME);
      const { present } = world.ui.scopes;
      await until(() => world.ui.scopes.present !== present);
      assert.deepEqual(await rows(), ['', '10 B']);
    });

    it('lists the buckets of another profile', async () => {
      here.deploy();
      world.show(world.screens.buckets);
      await untilRows(world, world.screens.buckets, [/^film/]);
      choose('profile', 'there');
      await untilRows(world, world.screens.buckets, [/^tape/]);
    });
  });

  describe('Pipeline', () => {
    it('follows the stack that comes, goes, is made again, and another profile', async () => {
      const { pipeline } = world.screens;
      world.show(pipeline);
      await untilRows(world, pipeline, []);
      here.deploy().letters.push(letterOf('a'));
      await untilRows(world, pipeline, whole('about 1'));
      here.stacks.delete(DEFAULT_NAME);
      await untilRows(world, pipeline, []);
      here.deploy();
      await untilRows(world, pipeline, whole('none'));
      there.deploy().letters.push(letterOf('a'), letterOf('b'));
      choose('profile', 'there');
      await untilRows(world, pipeline, whole('about 2'));
      assert.match(pipeline.tree.description ?? '', /2222-2222-2222 \(profile: there\)/);
    });

    it('shows what CloudFormation does with a stack, and not with one of the same name elsewhere', async () => {
      const { pipeline } = world.screens;
      const place = { account: '111111111111', region: 'eu-west-1', endpoint: undefined };
      world.show(pipeline);
      await untilRows(world, pipeline, []);
      world.ui.operations.begin({ stackName: DEFAULT_NAME, kind: 'deploy', place }, () => undefined);
      await untilRows(world, pipeline, ['Stack: starting…']);
      assert.equal(world.stub.context.get('mediaBatch.stack'), 'busy');
      choose('profile', 'there');
      await untilRows(world, pipeline, []);
      assert.equal(world.stub.context.get('mediaBatch.stack'), 'none');
    });

    it('names the profile that is signed out, also when the one before it was too', async () => {
      const { pipeline } = world.screens;
      here.deploy();
      there.refusal = expired();
      world.show(pipeline);
      await untilRows(world, pipeline, whole('none'));
      choose('profile', 'there');
      assert.equal(pipeline.tree.description, 'connecting…', 'nothing of the former profile stays meanwhile');
      await untilRows(world, pipeline, []);
      assert.equal(pipeline.tree.description, 'profile there');
      here.refusal = expired();
      choose('profile', 'here');
      await untilRows(world, pipeline, []);
      assert.equal(pipeline.tree.description, 'profile here');
      here.refusal = undefined;
      choose('profile', 'there');
      choose('profile', 'here');
      await untilRows(world, pipeline, whole('none'));
    });
  });

  describe('a profile whose keys AWS refuses', () => {
    const refused = [/^AWS said no-credentials/];
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    };

    for (const [when, notice] of [
      ['when the poll meets it', () => undefined],
      [
        'when the files with the keys change',
        () => {
          world.files.change();
        },
      ],
    ] as const) {
      it(`is said in every view, without more requests, until there are other keys: ${when}`, async () => {
        const { pipeline, buckets, batches, deadLetters } = world.screens;
        const screens = [pipeline, buckets, batches, deadLetters];
        const shown = async (): Promise<void> => {
          await untilRows(world, pipeline, whole('about 1'));
          await untilRows(world, buckets, [/^film/]);
          await untilRows(world, batches, [/^old\//]);
          await untilRows(world, deadLetters, [/^1 {2}bad a\.mov/]);
          assert.equal(world.stub.statusBarItems[0]?.shown, true);
        };
        const stack = here.deploy();
        stack.batches.set(...batchOf('b1', 'old/'));
        stack.letters.push(letterOf('a.mov'));
        await world.know();
        world.show(...screens);
        await shown();
        here.refusal = awsError('no-credentials');
        notice();
        for (const screen of screens) await untilRows(world, screen, refused);
        assert.equal(world.ui.connection.state.kind, 'failed');
        assert.equal(deadLetters.tree.badge, undefined);
        assert.equal(world.stub.statusBarItems[0]?.shown, false);
        const asked = here.asked.length;
        for (let look = 0; look < 3; look += 1) {
          world.pass();
          await turns();
          for (const screen of screens) await untilRows(world, screen, refused);
        }
        assert.equal(here.asked.length, asked, 'it is known what AWS would say');
        here.refusal = undefined;
        world.files.change();
        await shown();
      });
    }

    it('is said by the Pipeline view again after each Retry, until it is over', async () => {
      const { pipeline } = world.screens;
      here.deploy();
      here.refusal = awsError('no-credentials');
      world.show(pipeline);
      await untilRows(world, pipeline, refused);
      for (let look = 0; look < 3; look += 1) {
        world.ui.connection.reset();
        await untilRows(world, pipeline, refused);
      }
      here.refusal = undefined;
      world.ui.connection.reset();
      await untilRows(world, pipeline, whole('none'));
    });

    it('gives way to what is in the way after it', async () => {
      const { batches } = world.screens;
      here.deploy();
      here.refusal = awsError('no-credentials');
      world.show(batches);
      await untilRows(world, batches, refused);
      here.refusal = awsError('unreachable');
      world.files.change();
      await untilRows(world, batches, [/^AWS said unreachable/]);
    });
  });

  it('lets no welcome content blink while the stack comes and goes', async () => {
    const { pipeline } = world.screens;
    world.show(pipeline);
    await untilRows(world, pipeline, []);
    const stack = here.deploy(DEFAULT_NAME, 'CREATE_IN_PROGRESS');
    await untilRows(world, pipeline, [/^Stack: CREATE_IN_PROGRESS/]);
    stack.status = 'CREATE_COMPLETE';
    await untilRows(world, pipeline, whole('none'));
    here.stacks.delete(DEFAULT_NAME);
    await untilRows(world, pipeline, []);
    const said = world.stub.executed.filter(({ args }) => args[0] === 'mediaBatch.stack');
    assert.deepEqual(
      said.map(({ args }) => args[1]),
      ['unknown', 'none', 'busy', 'present', 'none'],
    );
  });

  describe('the status bar', () => {
    it('counts the present stack only, and none without a login', async () => {
      const [item] = world.stub.statusBarItems;
      here.deploy().letters.push(letterOf('a'));
      await world.know();
      world.show(world.screens.pipeline);
      await untilRows(world, world.screens.pipeline, whole('about 1'));
      assert.equal(item?.text, '$(warning) 1 dead letter');
      choose('stackName', 'another');
      assert.equal(item.shown, false, 'at once');
      await untilRows(world, world.screens.pipeline, []);
      assert.equal(item.shown, false);
    });
  });
});
