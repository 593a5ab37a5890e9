import assert from 'node:assert/strict';
import { pauseDispatchCommand, resumeDispatchCommand } from '../../../../src/ui/pipeline/switch-dispatch.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const existing = stackOf('UPDATE_COMPLETE');

describe('Pause and Resume Dispatch', () => {
  it('pauses without a question, records why, and has the view read again', async () => {
    const { ui, fake, stub, watch } = fixture(() => undefined, { existing });
    await pauseDispatchCommand(ui);
    assert.deepEqual(fake.calls, ['writeState paused', 'updateMapping value-of-EventSourceMappingId false']);
    assert.deepEqual(
      stub.shown.map(({ kind }) => kind),
      ['info'],
    );
    assert.equal(watch.refreshes, 1);
  });

  it('resumes, and says when the last files follow', async () => {
    const { ui, fake, stub, watch } = fixture(() => undefined, { existing });
    await resumeDispatchCommand(ui);
    assert.deepEqual(fake.calls, ['writeState running', 'updateMapping value-of-EventSourceMappingId true']);
    assert.match(stub.shown[0]?.text ?? '', /within 15 minutes/);
    assert.equal(watch.refreshes, 1);
  });

  it('says that there is no pipeline', async () => {
    const { ui } = fixture();
    await assert.rejects(pauseDispatchCommand(ui), { code: 'not-deployed' });
    await assert.rejects(resumeDispatchCommand(ui), { code: 'not-deployed' });
  });
});
