import { exec, execFile, type PromiseWithChild } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';
import type { AwsError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { ProcessPlan } from './credential-plan.ts';
import { readExpiration } from './expiration.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError } from '../config/shared-config.ts';
import { shellWords } from '../config/shell-words.ts';

/** ms; a program may wait for a login in the browser. */
const TIMEOUT = 300_000;
/** bytes of each stream; what a program logs to stderr can be long */
const MAX_OUTPUT = 16 * 1024 * 1024;
/** What looks like a key of AWS, or is long enough to be a secret; `-` and `_` are of base64url, as in tokens. */
const SECRET = /\bA[KS]IA[A-Z0-9]{12,}\b|[\w+/=-]{40,}/g;

/**
 * Runs a `credential_process` as the AWS CLI does: without a shell, its words split as a shell would (Windows programs
 * split their own), and reads what it prints (AWS SDKs and Tools Reference Guide, "Process credential provider").
 * @throws AwsError `no-credentials` with the last line that the program wrote to stderr; its stdout is never shown
 */
export async function processCredentials(plan: ProcessPlan): Promise<SdkCredentials> {
  const answer = parsed(plan, await run(plan));
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = answer;
  if (Version !== 1) throw failed(plan, `its answer is not of Version 1`);
  if (!isText(AccessKeyId) || !isText(SecretAccessKey))
    throw failed(plan, 'its answer has no AccessKeyId or no SecretAccessKey');
  if (!isText(SessionToken ?? 'none') && SessionToken !== '')
    throw failed(plan, 'its answer has a SessionToken that is no text');
  const expiration = isNothing(Expiration) ? undefined : readExpiration(Expiration);
  if (expiration === undefined && !isNothing(Expiration))
    throw failed(
      plan,
      'its answer has no readable Expiration: a time with its zone, such as 2030-01-31T08:30:00Z',
    );
  if (expiration && expiration.getTime() <= Date.now())
    throw failed(plan, 'the credentials that it gives have expired');
  const accountId = isText(AccountId) ? AccountId : plan.accountId;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(isText(SessionToken) && { sessionToken: SessionToken }),
    ...(expiration && { expiration }),
    ...(accountId && { accountId }),
  };
}

type Answer = Readonly<Record<string, unknown>>;

async function run(plan: ProcessPlan): Promise<string> {
  const options = { timeout: TIMEOUT, windowsHide: true, maxBuffer: MAX_OUTPUT };
  try {
    if (process.platform === 'win32') return await printed(promisify(exec)(plan.command, options));
    const [program, ...args] = shellWords(plan.command) ?? [];
    if (program === undefined) throw failed(plan, 'the command is empty, or a quotation in it is not closed');
    return await printed(promisify(execFile)(program, args, options));
  } catch (error) {
    throw isRunFailure(error) ? failed(plan, reasonOf(error), error) : error;
  }
}

/** There is no terminal to answer from: a program that asks for something hears the end at once. */
async function printed(running: PromiseWithChild<{ readonly stdout: string }>): Promise<string> {
  running.child.stdin?.end();
  return (await running).stdout;
}

/** What Node raises for a program that failed or never ran. */
interface RunFailure extends Error {
  readonly code?: string | number | null;
  readonly stderr?: string;
  readonly killed?: boolean;
  readonly signal?: string | null;
}

function isRunFailure(error: unknown): error is RunFailure {
  return error instanceof Error && ('code' in error || 'killed' in error) && !('awsCode' in error);
}

function reasonOf({ code, stderr = '', killed, signal }: RunFailure): string {
  if (code === 'ENOENT') return 'there is no such program';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `it printed more than ${String(MAX_OUTPUT / 1024 / 1024)} MB`;
  if (typeof code === 'string') return `it cannot be run (${code})`;
  if (killed) return `it did not finish within ${String(TIMEOUT / 60_000)} minutes`;
  const last =
    stripVTControlCharacters(stderr)
      .trim()
      .split(/[\r\n]+/)
      .at(-1)
      ?.trim()
      .replace(SECRET, '***') ?? '';
  const end = signal ? `signal ${signal}` : `exit ${String(code)}`;
  return last === '' ? `it ended with ${end} and said nothing` : `${last} (${end})`;
}

function parsed(plan: ProcessPlan, stdout: string): Answer {
  try {
    const answer: unknown = JSON.parse(stdout);
    if (typeof answer === 'object' && answer !== null) return answer as Answer;
  } catch {
    // Node's message would quote what was printed.
  }
  throw failed(plan, 'it prints something that is not JSON: a warning belongs on stderr');
}

/** @param error Node's error; it is not kept as a cause, because it has the whole command and its output */
function failed({ profile, command }: ProcessPlan, reason: string, error?: RunFailure): AwsError {
  const program = shellWords(command)?.[0] ?? '';
  return configError(
    error ? 'ProcessFailed' : 'ProcessAnswer',
    `The credential_process of AWS profile "${visibleText(profile)}" (${visibleText(program)}) gives no credentials: ${visibleText(reason)}. Try that command in a terminal and correct it.`,
  );
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
