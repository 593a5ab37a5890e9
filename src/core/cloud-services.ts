import type { Disposable } from './lifetime.ts';
import type {
  BatchStore,
  BucketStore,
  DispatchControl,
  Identity,
  QueueService,
  SecretStore,
  StackService,
} from './ports.ts';

/** Every gateway of one connection to AWS; `dispose` closes its network connections. */
export interface CloudServices extends Disposable {
  readonly buckets: BucketStore;
  readonly queues: QueueService;
  readonly batches: BatchStore;
  readonly dispatch: DispatchControl;
  readonly secrets: SecretStore;
  readonly stacks: StackService;
  readonly identity: Identity;
  dispose(): void;
}
