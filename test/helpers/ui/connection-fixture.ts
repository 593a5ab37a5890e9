import { AwsError, type AwsErrorCode } from '../../../src/core/errors.ts';
import type { AwsFileChange } from '../../../src/ui/connection/aws-files.ts';
import { AwsConnection } from '../../../src/ui/connection/aws-connection.ts';
import { ContextKeyWriter } from '../../../src/ui/base/context-keys.ts';
import { stubVscode, type Answer } from './vscode-stub.ts';
import { fakeCloud } from './fake-cloud.ts';

/** @returns an error of AWS with this code */
export function awsError(code: AwsErrorCode): AwsError {
  return new AwsError(code, `This is ${code}.`, { operation: 'sts:GetCallerIdentity', awsCode: code });
}

/** A real connection to a cloud whose answers the test gives. The region is set; the test says when the AWS files change. */
export function connectionFixture(
  answer: Answer = () => undefined,
  given: Parameters<typeof fakeCloud>[0] = {},
) {
  const stub = stubVscode(answer);
  stub.settings.set('mediaBatch.region', 'eu-west-1');
  const sts = {
    calls: 0,
    /** what GetCallerIdentity does */
    answer: async (): Promise<string> => '111122223333',
  };
  const identity = {
    caller: async () => {
      sts.calls += 1;
      return { account: await sts.answer(), arn: 'arn' };
    },
  };
  const fake = fakeCloud({ ...given, services: { identity, ...given.services } });
  const files = { watched: 0, change: (_: AwsFileChange): void => undefined };
  const { vs } = stub;
  const connection = new AwsConnection({
    vs,
    log: vs.window.createOutputChannel('Media Batch', { log: true }),
    cloud: fake.cloud,
    contextKeys: new ContextKeyWriter(vs),
    watchFiles: (listener) => {
      files.watched += 1;
      files.change = listener;
      return { dispose: () => void (files.watched -= 1) };
    },
  });
  const states: string[] = [];
  connection.onChange(({ kind }) => states.push(kind));
  return { connection, stub, fake, sts, files, states };
}
