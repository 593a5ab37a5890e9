import type { CloudServices } from '../core/stack/cloud-services.ts';
import { CloudWatchAlarmService } from './alarm-service.ts';
import { createBatchEraser } from './batch-eraser.ts';
import { DynamoBatchStore } from './batch-store.ts';
import { S3BucketStore } from './bucket-store.ts';
import { profileSettings } from './config/client-settings.ts';
import type { AwsClients, Connection } from './connection.ts';
import { openClients } from './open-clients.ts';
import { DynamoLedgers } from './editor-ledger.ts';
import { LambdaDispatchControl } from './dispatch-control.ts';
import { StsIdentity } from './identity.ts';
import { SqsQueueService } from './queue-service.ts';
import { AwsReconcilerService } from './reconciler-service.ts';
import { AwsSecretStore } from './secret-store.ts';
import { CloudFormationStackService } from './stack-service.ts';
import { StepFunctionsRuns } from './step-functions.ts';
import { DynamoTableService } from './table-service.ts';
import { WorkerBackground } from './worker-background.ts';

// The editor loads AWS's code through this module, as one file.
export { configFiles } from './config/config-files.ts';
export { readProfiles } from './credentials/profiles.ts';

/** The worker threads that long work is done in. */
export interface Threads {
  /** the file of `enqueue-thread.ts`, built */
  readonly enqueue: string;
  /** that of `send-thread.ts`, which the former starts where there is much to send */
  readonly send: string;
  /** called when a thread ends before its work does, or cannot start; the work goes on in this thread */
  readonly onLost?: ((cause: unknown) => void) | undefined;
}

/** Of the thread, MB: the results of a million files, or two million keys of a list, are held in it. */
const LIMITS = { maxOldGenerationSizeMb: 512 };

/**
 * Makes the gateways of a connection. It makes no call to AWS; each client is made by the first call that needs it.
 * @param connection the region, the endpoint and the identity that AWS is called with
 * @param threads that long work is done in; absent: it is done in this thread
 * @returns the gateways; `dispose` closes their network connections
 */
export function createServices(connection: Connection, threads?: Threads): CloudServices {
  const clients = openClients(connection);
  const background = threads && openBackground(clients, threads);
  const buckets = new S3BucketStore(clients);
  return {
    buckets,
    bucketOwners: buckets,
    queues: new SqsQueueService(clients),
    batches: new DynamoBatchStore(clients),
    background,
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
      background?.giveUp();
      clients.destroy();
    },
  };
}

function openBackground(clients: AwsClients, { enqueue: file, send, onLost }: Threads): WorkerBackground {
  const { mfaCode: _, ...connection } = clients.connection;
  return new WorkerBackground({
    ...{ file, data: { connection, file: send }, limits: LIMITS },
    credentials: () => clients.credentials(),
    onLost,
  });
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
