import type { Background } from '../background.ts';
import type { Disposable } from '../lifetime.ts';
import type { AlarmService } from './alarms.ts';
import type { BatchEraser } from '../batch/batch-eraser.ts';
import type { BatchStore } from '../batch/batch-store.ts';
import type { Ledgers } from '../batch/ledger.ts';
import type { CloudRuns } from '../batch/cloud-runs.ts';
import type { BucketOwners, BucketStore } from '../files/bucket-store.ts';
import type { DispatchControl } from './dispatch-control.ts';
import type { Identity } from './identity.ts';
import type { QueueService } from '../batch/queue-service.ts';
import type { ReconcilerService } from './reconciler-service.ts';
import type { SecretStore } from './secret-store.ts';
import type { StackService } from './stack-service.ts';
import type { TableService } from './table-service.ts';

/** Every gateway of one connection to AWS; `dispose` closes its network connections. */
export interface CloudServices extends Disposable {
  readonly buckets: BucketStore;
  readonly bucketOwners: BucketOwners;
  readonly queues: QueueService;
  readonly batches: BatchStore;
  readonly eraser: BatchEraser;
  readonly ledgers: Ledgers;
  readonly dispatch: DispatchControl;
  readonly reconciler: ReconcilerService;
  readonly alarms: AlarmService;
  readonly secrets: SecretStore;
  readonly stacks: StackService;
  readonly cloudRuns: CloudRuns;
  readonly tables: TableService;
  readonly identity: Identity;
  /** does long work of these gateways beside this thread; absent: there is none */
  readonly background?: Background | undefined;
  dispose(): void;
}
