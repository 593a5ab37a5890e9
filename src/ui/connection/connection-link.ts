import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { PendingSession } from './session.ts';

/** What the settings and the AWS config files led to; the stack can change while the clients stay. */
export type Opened = Omit<PendingSession, 'stackName'>;

/** One set of clients: lent out any number of times, closed when it is retired and the last borrower is done. */
export class ConnectionLink {
  /** the clients are made; AWS has not been called */
  readonly opened: Promise<Opened>;
  /** the account, once AWS has accepted the credentials */
  readonly account: Promise<string>;
  /** the stack that is chosen here: another one can be chosen while the clients stay */
  stackName = '';
  /** false where the profile's credentials come from something else than a login */
  loginHelps = true;
  #borrowers = 0;
  #retired = false;

  constructor(open: (link: ConnectionLink) => Promise<Opened>) {
    this.opened = open(this);
    this.account = this.opened.then(async ({ services }) => (await services.identity.caller()).account);
    // Whoever waits for them gets the failure; nobody has to.
    this.account.catch(() => undefined);
  }

  /** Every `borrow` has its `giveBack`. */
  borrow(): void {
    this.#borrowers += 1;
  }

  giveBack(): void {
    this.#borrowers -= 1;
    this.#closeWhenFree();
  }

  /** It is not lent any more. */
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
