import assert from 'node:assert/strict';
import type { StackTags } from '../../../../src/core/stack/stack-tags.ts';
import { deployPipelineCommand } from '../../../../src/ui/pipeline/deploy-pipeline.ts';
import { askDeployForm } from '../../../../src/ui/pipeline/deploy-inputs.ts';
import { FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers } from '../../../helpers/fast-timers.ts';
import { answering } from '../../../helpers/ui/press-enter.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';

const ROW = '$(edit) Tags';
const PRESENT: StackTags = { team: 'media', 'cost-center': '42' };

/** Opens the row as often as there are answers. */
async function ask(answers: readonly ReturnType<Answer>[], tags: StackTags = PRESENT) {
  const script = answers.flatMap((answer) => [ROW, answer]);
  const { ui, stub, connection } = fixture(answering({ 6: script }), {
    existing: stackOf('UPDATE_COMPLETE', { tags }),
  });
  const form = await askDeployForm(ui, connection.session);
  const boxes = stub.shown.filter(({ detail = '' }) => detail.startsWith('Tags. '));
  const rows = stub.shown.flatMap(({ items = [] }) => items.filter(({ label }) => label === ROW));
  return { form, boxes, rows: rows.map(({ description }) => description) };
}

describe('the tags in Deploy Pipeline', () => {
  it('are shown as the stack has them', async () => {
    const { form, boxes, rows } = await ask([BACK_BUTTON]);
    assert.deepEqual(boxes[0]?.choices, ['team=media, cost-center=42']);
    assert.equal(rows[0], 'team=media, cost-center=42');
    assert.equal(form.tags, undefined);
    assert.equal((await ask([BACK_BUTTON], {})).rows[0], 'none');
  });

  it('are sent where they change, and kept where they come to the same', async () => {
    const changed = await ask(['team=film']);
    assert.deepEqual(changed.form.tags, { team: 'film' });
    assert.equal(changed.rows.at(-1), 'team=film (was team=media, cost-center=42)');
    assert.equal((await ask(['cost-center=42,team=media'])).form.tags, undefined);
    assert.equal((await ask(['team=film', 'cost-center=42,team=media'])).form.tags, undefined);
  });

  it('are all taken away by an empty line', async () => {
    const { form, rows } = await ask(['']);
    assert.deepEqual(form.tags, {});
    assert.equal(rows.at(-1), 'none (was team=media, cost-center=42)');
  });

  it('stay as others set them, in a way that cannot be typed', async () => {
    const odd = { list: 'a,b' };
    assert.equal((await ask(['list=a,b'], odd)).form.tags, undefined);
  });

  for (const [text, says] of [
    ['=film', /"=film" has no key/],
    ['team', /"team" has no value/],
    ['aws:team=film', /begins with "aws:"/],
    [`${'k'.repeat(129)}=v`, /The key "k+…" is longer than 128 characters/],
    [`team=${'v'.repeat(257)}`, /The value of "team" is longer than 256 characters/],
    ['team=film|video', /"team" has a character that AWS refuses/],
    ['team=media, Team=film', /"Team" is there twice/],
    [Array.from({ length: 51 }, (_, i) => `k${i}=v`).join(), /takes 50 tags at most, and these are 51/],
  ] as const) {
    it(`are refused in words: ${text.slice(0, 30)}`, async () => {
      // The first answer opens the row, the second is refused, and then the person gives up.
      const { ui, stub, connection } = fixture(answering({ 6: [ROW, text, undefined] }));
      await assert.rejects(askDeployForm(ui, connection.session), { name: 'AbortError' });
      assert.match(stub.shown.at(-1)?.problem ?? '', says);
    });
  }

  it('reach CloudFormation', async () => {
    const timers = fastTimers();
    try {
      const stacks = new FakeStacks();
      stacks.stack = stackOf('UPDATE_COMPLETE', { tags: PRESENT });
      const typed = answering({ 6: [ROW, 'team=film'] });
      const { ui } = fixture((shown) => (shown.modal ? 'Deploy' : typed(shown)), { services: { stacks } });
      await deployPipelineCommand(ui);
      assert.deepEqual(stacks.requests[0]?.tags, { team: 'film' });
    } finally {
      timers.restore();
    }
  });
});
