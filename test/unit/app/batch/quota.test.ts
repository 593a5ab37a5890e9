import assert from 'node:assert/strict';
import { MINUTE, PaceWorld } from '../../../helpers/pace-world.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a quota that is used up for hours', () => {
  /** Drains files through ten calls at once; the quota is new after a day. */
  async function drain(files: number, retryAfter: string | undefined): Promise<PaceWorld> {
    const world = new PaceWorld({
      ...{ limits: [], concurrency: 2, batchSize: 5, files },
      quota: { untilMs: DAY, retryAfter },
      untilMs: DAY + 3 * HOUR,
    });
    return world.run();
  }

  for (const retryAfter of ['60', '3600', '5', '0', undefined]) {
    it(`buries no file in a day, and costs few POSTs: Retry-After ${retryAfter ?? 'is absent'}`, async () => {
      const world = await drain(10, retryAfter);
      assert.deepEqual([world.fixture.buried.length, world.left], [0, 0]);
      assert.ok(world.mostReceives <= 45, `${world.mostReceives} receives of 90`);
      assert.ok(world.calls.length <= 1000, `${world.calls.length} POSTs`);
      assert.ok(world.endedMs <= DAY + 2 * HOUR, 'it goes on soon after');
    });
  }

  it('costs 300 files less than one POST each in a day, and no rate is lost by it', async () => {
    const world = await drain(300, '60');
    assert.deepEqual([world.fixture.buried.length, world.left], [0, 0]);
    const refused = world.calls.filter(({ isAccepted }) => !isAccepted).length;
    assert.ok(refused <= 300, `${refused} POSTs`);
    assert.equal(world.fixture.pace.row?.['ceiling'], undefined);
  });
});
