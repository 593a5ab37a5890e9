import type { Disposable } from '../core/lifetime.ts';
import type { DispatchControl, Identity, SecretStore, StackService } from '../core/ports.ts';
import type { Settings } from './settings.ts';

/** What the commands need of AWS. */
export interface CloudServices extends Disposable {
  readonly identity: Identity;
  readonly stacks: StackService;
  readonly secrets: SecretStore;
  readonly dispatch: DispatchControl;
}

/** The way to AWS, given by the composition root; AWS's code is loaded by the first call. */
export interface Cloud {
  connect(target: Pick<Settings, 'profile' | 'endpoint'> & { region: string }): Promise<CloudServices>;
  /** what the AWS config files say where our settings say nothing */
  profileDefaults(
    profile: string | undefined,
  ): Promise<{ region: string | undefined; endpoint: string | undefined }>;
}
