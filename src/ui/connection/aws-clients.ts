import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { PendingSession } from './session.ts';

/** The AWS clients and the target that they were made for. The stack can change while the clients stay. */
export type Opened = Omit<PendingSession, 'stackName'>;

/** One set of AWS clients. It is lent any number of times, and closed once it is retired and the last borrower is done. */
export class AwsClients {
  /** the AWS clients, before any call */
  readonly opened: Promise<Opened>;
  /** the account, once AWS has accepted the credentials */
  readonly account: Promise<string>;
  /** the chosen stack; it can change while the clients stay */
  stackName = '';
  /** false where the profile's credentials do not come from a login */
  loginHelps = true;
  #borrowers = 0;
  #retired = false;

  constructor(open: (clients: AwsClients) => Promise<Opened>) {
    this.opened = open(this);
    this.account = this.opened.then(async ({ services }) => (await services.identity.caller()).account);
    // Callers that await it get the failure; without one it must not be an unhandled rejection.
    this.account.catch(() => undefined);
  }

  /** Each `borrow` needs a `giveBack`. */
  borrow(): void {
    this.#borrowers += 1;
  }

  giveBack(): void {
    this.#borrowers -= 1;
    this.#closeWhenFree();
  }

  /** Ends the lending; the clients are closed when the last borrower is done. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#closeWhenFree();
  }

  #closeWhenFree(): void {
    if (!this.#retired || this.#borrowers > 0) return;
    const close = ({ services }: { services: CloudServices }): void => {
      services.dispose();
    };
    this.opened.then(close, () => undefined);
  }
}
