import type { BatchesContext } from '../batches/batches-context.ts';
import type { StepFrame } from '../base/wizard.ts';
import { EnqueueMemory } from './enqueue-memory.ts';
import { enqueueFrom } from './enqueue-prefix.ts';
import { askKeyFile, readKeyList } from './key-list.ts';

/**
 * "Enqueue from File…": takes the keys of a file in place of a prefix, and asks the rest as "Enqueue Prefix…" does.
 * @param given the address of the file; anything else: the user chooses one
 * @throws as `enqueuePrefixCommand` and `readKeyList`
 */
export async function enqueueFromFileCommand(ui: BatchesContext, given?: unknown): Promise<void> {
  const { vs } = ui;
  const title = vs.l10n.t('Enqueue from File');
  const frame: StepFrame = { title, step: 1, totalSteps: 1 };
  await enqueueFrom(ui, title, async (session) => {
    const uri = given instanceof vs.Uri ? given : await askKeyFile(vs);
    const memory = new EnqueueMemory(ui.memory, session);
    const form = await readKeyList({ ui, session, memory }, frame, uri);
    return form && { form };
  });
}
