import type { CloudServices } from '../core/stack/cloud-services.ts';
import { CloudWatchAlarmService } from './alarm-service.ts';
import { createBatchEraser } from './batch-eraser.ts';
import { DynamoBatchStore } from './batch-store.ts';
import { S3BucketStore } from './bucket-store.ts';
import { profileSettings } from './config/client-settings.ts';
import { AwsClients, type Connection } from './connection.ts';
import { DynamoLedgers } from './editor-ledger.ts';
import { LambdaDispatchControl } from './dispatch-control.ts';
import { StsIdentity } from './identity.ts';
import { SqsQueueService } from './queue-service.ts';
import { AwsReconcilerService } from './reconciler-service.ts';
import { AwsSecretStore } from './secret-store.ts';
import { CloudFormationStackService } from './stack-service.ts';
import { StepFunctionsRuns } from './step-functions.ts';
import { DynamoTableService } from './table-service.ts';
import { ThreadedBatchStore, ThreadedBucketStore, ThreadedQueueService } from './threaded-gateways.ts';
import { Threads } from './threads.ts';

// The editor loads AWS's code through this module, as one file.
export { serveThread } from './thread-server.ts';
export type { ThreadData } from './thread-messages.ts';
export { configFiles } from './config/config-files.ts';
export { readProfiles } from './credentials/profiles.ts';

/**
 * Makes the gateways of a connection. It makes no call to AWS; each client is made by the first call that needs it.
 * @param connection the region, the endpoint and the identity that AWS is called with
 * @param threadFile the code of a worker thread (`thread.ts`), which bulk work is done in; absent: in this thread
 * @returns the gateways; `dispose` closes their network connections
 */
export function createServices(connection: Connection, threadFile?: string): CloudServices {
  const clients = new AwsClients(connection);
  const { mfaCode: _, ...data } = connection;
  const credentials = () => clients.credentials();
  const threads = threadFile === undefined ? undefined : new Threads({ file: threadFile, data, credentials });
  const buckets = threads ? new ThreadedBucketStore(clients, threads) : new S3BucketStore(clients);
  return {
    buckets,
    bucketOwners: buckets,
    queues: threads ? new ThreadedQueueService(clients, threads) : new SqsQueueService(clients),
    batches: threads ? new ThreadedBatchStore(clients, threads) : new DynamoBatchStore(clients),
    eraser: createBatchEraser(clients),
    ledgers: new DynamoLedgers(clients),
    dispatch: new LambdaDispatchControl(clients),
    reconciler: new AwsReconcilerService(clients),
    alarms: new CloudWatchAlarmService(clients),
    secrets: new AwsSecretStore(clients),
    stacks: new CloudFormationStackService(clients),
    cloudRuns: new StepFunctionsRuns(clients),
    tables: new DynamoTableService(clients),
    identity: new StsIdentity(clients),
    dispose: () => {
      threads?.giveUp();
      clients.destroy();
    },
  };
}

/**
 * Reads a profile's defaults from the environment and the AWS config files, for what our settings leave open.
 * @param profile a profile of ~/.aws; undefined = the one that the AWS CLI would choose
 * @returns its region, and the endpoint of its CloudFormation calls; undefined where none is set
 * @throws AwsError `no-credentials` for a profile that is not there, InvalidInputError for a value that cannot be used
 */
export async function profileDefaults(
  profile: string | undefined,
): Promise<{ region: string | undefined; endpoint: string | undefined }> {
  const { region, endpoint } = await profileSettings(profile);
  return { region, endpoint: endpoint('CloudFormation') };
}
