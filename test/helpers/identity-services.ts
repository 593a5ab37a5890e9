import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** The user or role that a key belongs to. */
interface Holder {
  readonly secret: string;
  readonly arn: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The machine's own role, in an account that no chosen profile leads to. */
export const MACHINE = 'arn:aws:sts::999999999999:assumed-role/machine/i-1';
export const CONTAINER = 'arn:aws:sts::999999999999:assumed-role/container/task';

/**
 * STS, an SSO portal with its OIDC service, and the metadata services of an EC2 instance and a container, on one loopback
 * address. STS checks signatures: a key `AKIAX` has the secret `secret-of-X` and belongs to the user X.
 */
export class IdentityServices {
  /** the calls, in order */
  readonly calls: string[] = [];
  /** ms until the credentials of a role expire */
  roleLife = 3_600_000;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #holders = new Map<string, Holder>();

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
  }

  /** @param tls a certificate for 127.0.0.1, to serve everything over TLS */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<IdentityServices> {
    const server = tls ? createTlsServer(tls) : createServer();
    const services = new IdentityServices(server, tls ? 'https' : 'http');
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', services.url);
        const body = Buffer.concat(chunks).toString();
        const asked = { method: request.method ?? '', url, headers: request.headers, body };
        const answer = services.#answer(asked);
        response
          .writeHead(answer.status, {
            'content-type': answer.type,
            'x-aws-ec2-metadata-token-ttl-seconds': '21600',
          })
          .end(answer.body);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return services;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(asked: Asked): Answer {
    const { pathname } = asked.url;
    if (pathname.startsWith('/latest/')) return this.#instance(pathname);
    if (pathname === '/container') return json(200, this.#issue('ASIACONTAINER', CONTAINER));
    if (pathname === '/federation/credentials') return this.#portal(asked);
    if (pathname === '/token') return this.#renewToken(asked);
    return this.#sts(asked);
  }

  #instance(path: string): Answer {
    const role = '/latest/meta-data/iam/security-credentials/';
    if (path === '/latest/api/token') return { status: 200, body: 'token', type: 'text/plain' };
    if (path === role) return { status: 200, body: 'machine', type: 'text/plain' };
    if (path !== `${role}machine`) return { status: 404, body: '', type: 'text/plain' };
    return json(200, { Code: 'Success', ...this.#issue('ASIAMACHINE', MACHINE) });
  }

  #issue(key: string, arn: string) {
    this.#holders.set(key, { secret: `secret-of-${key}`, arn });
    const Expiration = new Date(Date.now() + this.roleLife).toISOString().replace(/\.\d+/, '');
    return { AccessKeyId: key, SecretAccessKey: `secret-of-${key}`, Token: 'token', Expiration };
  }

  #portal({ url, headers }: Asked): Answer {
    const [role, account] = [url.searchParams.get('role_name'), url.searchParams.get('account_id')];
    this.calls.push(`GetRoleCredentials ${String(role)}`);
    if (headers['x-amz-sso_bearer_token'] !== 'good')
      return refusal(401, 'UnauthorizedException', 'Session token not found or invalid');
    if (role === 'NotMine') return refusal(403, 'ForbiddenException', 'No access');
    if (role === 'Busy') return refusal(429, 'TooManyRequestsException', 'HTTP 429 Unknown Code');
    const arn = `arn:aws:sts::${String(account)}:assumed-role/${String(role)}/me`;
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = this.#issue(`ASIASSO${String(role)}`, arn);
    return json(200, {
      roleCredentials: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: Token,
        expiration: Date.parse(Expiration),
      },
    });
  }

  #renewToken({ body }: Asked): Answer {
    const { refreshToken } = JSON.parse(body) as { refreshToken?: string };
    return refreshToken === 'refresh'
      ? json(200, { accessToken: 'good', expiresIn: 3600, refreshToken, tokenType: 'Bearer' })
      : json(400, { error: 'invalid_grant', error_description: 'The refresh token has expired' });
  }

  #sts(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    const action = form.get('Action') ?? '';
    if (action === 'AssumeRoleWithWebIdentity') {
      const isGood = form.get('WebIdentityToken') === 'web-token';
      return isGood ? this.#role(form, 'the web') : stsError('InvalidIdentityToken', 'Not a token.');
    }
    const holder = this.#signer(asked);
    if (!holder)
      return stsError('InvalidClientTokenId', 'The security token included in the request is invalid.');
    this.calls.push(`${action} by ${holder.arn}`);
    if (action === 'AssumeRole') return this.#role(form, holder.arn);
    const account = holder.arn.split(':')[4] ?? '';
    return stsAnswer(
      action,
      `<Account>${account}</Account><Arn>${escaped(holder.arn)}</Arn><UserId>x</UserId>`,
    );
  }

  /** The ARN of a session shows all parameters of its request. */
  #role(form: URLSearchParams, by: string): Answer {
    const [, account, name] = /^arn:aws:iam::(\d{12}):role\/([\w.-]+)$/.exec(form.get('RoleArn') ?? '') ?? [];
    if (account === undefined || name === 'denied')
      return stsError('AccessDenied', `User: ${by} is not authorized to perform: sts:AssumeRole`);
    const session = form
      .get('RoleSessionName')
      ?.replace(/^(botocore-session|media-batch)-\d+$/, 'by default');
    const given = ['ExternalId', 'DurationSeconds'].map((field) => form.get(field) ?? '-').join(' ');
    const arn = `arn:aws:sts::${account}:assumed-role/${String(name)}/${String(session)} (${given} by ${by})`;
    const key = `ASIAROLE${createHash('sha256').update(arn).digest('hex').slice(0, 12).toUpperCase()}`;
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = this.#issue(key, arn);
    return stsAnswer(
      form.get('Action') ?? '',
      `<Credentials><AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey><SessionToken>${Token}</SessionToken><Expiration>${Expiration}</Expiration></Credentials><AssumedRoleUser><Arn>${escaped(arn)}</Arn><AssumedRoleId>a</AssumedRoleId></AssumedRoleUser>`,
    );
  }

  /** Signature Version 4 (IAM User Guide, "Create a signed AWS API request"). */
  #signer({ method, url, headers, body }: Asked): Holder | undefined {
    const [, key, day, region, service, names, signature] =
      /Credential=(.*?)\/(\d+)\/([\w-]+)\/(\w+)\/aws4_request, *SignedHeaders=([\w;-]+), *Signature=(\w+)/.exec(
        headers.authorization ?? '',
      ) ?? [];
    if (key === undefined || day === undefined) return undefined;
    const [, user] = /^AKIA(.+)$/.exec(key) ?? [];
    const holder = user === undefined ? this.#holders.get(key) : userOf(user);
    if (!holder || (user === undefined && headers['x-amz-security-token'] !== 'token')) return undefined;
    const signed = (names ?? '').split(';');
    const canonical = [
      ...[method, url.pathname, ''],
      ...signed.map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
      ...['', names, sha256(body)],
    ].join('\n');
    const scope = `${day}/${String(region)}/${String(service)}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${sha256(canonical)}`;
    const parts = [day, String(region), String(service), 'aws4_request'];
    const signing = parts.reduce<string | Buffer>((by, part) => hmac(by, part), `AWS4${holder.secret}`);
    return hmac(signing, text).toString('hex') === signature ? holder : undefined;
  }
}

/** A user; one whose name starts with `OTHER` is in another account. */
function userOf(user: string): Holder {
  const account = user.startsWith('OTHER') ? '444455556666' : '111122223333';
  return { secret: `secret-of-${user}`, arn: `arn:aws:iam::${account}:user/${user}` };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function json(status: number, body: object): Answer {
  return { status, body: JSON.stringify(body), type: 'application/json' };
}

function refusal(status: number, __type: string, message: string): Answer {
  return json(status, { __type, message });
}

function stsAnswer(action: string, result: string): Answer {
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, body, type: 'text/xml' };
}

function stsError(code: string, message: string): Answer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { status: 403, body, type: 'text/xml' };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
