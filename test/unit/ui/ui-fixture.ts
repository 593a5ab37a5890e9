import type * as vscode from 'vscode';
import type { UiContext } from '../../../src/ui/ui-context.ts';
import { stubVscode, type Answer, type VscodeStub } from '../../helpers/vscode-stub.ts';
import { fakeCloud, type FakeCloud } from './fake-cloud.ts';

export interface Fixture {
  readonly ui: UiContext;
  readonly stub: VscodeStub;
  readonly fake: FakeCloud;
}

/** The extension's parts with a stand-in for the editor and for AWS; the region is set. */
export function fixture(answer: Answer, given: Parameters<typeof fakeCloud>[0] = {}): Fixture {
  const stub = stubVscode(answer);
  stub.settings.set('mediaBatch.region', 'eu-west-1');
  stub.files.set('/ext/dist/pipeline.yaml', 'Resources: {}');
  const fake = fakeCloud(given);
  const { vs } = stub;
  const ui = {
    vs,
    log: vs.window.createOutputChannel('Media Batch', { log: true }),
    cloud: fake.cloud,
    extensionUri: Object.freeze({ path: '/ext' }) as unknown as vscode.Uri,
  };
  return { ui, stub, fake };
}
