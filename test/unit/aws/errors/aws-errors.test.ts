import assert from 'node:assert/strict';
import { call, toAwsError } from '../../../../src/aws/errors/aws-errors.ts';
import { AwsError, InvalidInputError, type ErrorCode } from '../../../../src/core/errors.ts';

const CONTEXT = { service: 'sqs', operation: 'SendMessageBatch', region: 'eu-west-1' };

function sdkError(name: string, message: string, status = 400, extra: object = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, ...extra });
}

function nodeError(code: string, extra: object = {}): Error {
  return Object.assign(new Error(`connect ${code}`), { code, $metadata: { attempts: 5 }, ...extra });
}

interface Row {
  what: string;
  error: Error;
  context?: Partial<typeof CONTEXT> & { profile?: string; endpoint?: string };
  subject?: string;
  code: ErrorCode;
  says: RegExp;
}

const SSO_EXPIRED =
  'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.';
const DENIED =
  'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:111122223333:work because no identity-based policy allows the sqs:SendMessage action';

/** AWS's reasons (IAM User Guide, "Troubleshoot access denied error messages"), and our advice. */
const DENIALS: readonly (readonly [string, string])[] = [
  ['because no identity-based policy allows the sqs:SendMessage action', 'add that permission'],
  ['because no resource-based policy allows the sqs:SendMessage action', 'ask the owner of that resource'],
  ['because no permissions boundary allows the sqs:SendMessage action', '.*in the permissions boundary'],
  ['because no session policy allows the sqs:SendMessage action', 'log in with a session'],
  ['because no service control policy allows the sqs:SendMessage action', 'only the administrator'],
  ['because no resource control policy allows the sqs:SendMessage action', 'only the administrator'],
  ['because no VPC endpoint policy allows the sqs:SendMessage action', '.*VPC endpoint'],
  ['with an explicit deny', 'ask your AWS administrator to remove that deny'],
  ['with an explicit deny in an identity-based policy', 'ask your AWS administrator to remove that deny'],
  ['with an explicit deny in a service control policy', 'only the administrator'],
  ['with an explicit deny in a resource-based policy', 'ask the owner of that resource'],
  ['with an explicit deny in a VPC endpoint policy', '.*VPC endpoint'],
];

const ROWS: readonly Row[] = [
  {
    what: 'an expired token, with a profile',
    error: sdkError('ExpiredToken', 'The security token included in the request is expired'),
    context: { profile: 'prod' },
    code: 'expired-login',
    says: /"prod" is missing or has expired: log in again \(with SSO: "aws sso login --profile prod"\)/,
  },
  {
    what: 'an expired token, JSON protocol',
    error: sdkError('ExpiredTokenException', 'The security token included in the request is expired'),
    code: 'expired-login',
    says: /log in again/,
  },
  {
    what: 'an expired SSO session',
    error: Object.assign(new Error(SSO_EXPIRED), { name: 'CredentialsProviderError' }),
    context: { profile: 'prod' },
    code: 'expired-login',
    says: /aws sso login --profile prod/,
  },
  {
    what: 'no credentials at all',
    error: Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    }),
    code: 'no-credentials',
    says: /^The environment or the default AWS profile gives no credentials \(Could not load/,
  },
  {
    what: 'a profile that does not exist',
    error: Object.assign(new Error('Could not resolve credentials using profile: [nope] in …'), {
      name: 'CredentialsProviderError',
    }),
    context: { profile: 'nope' },
    code: 'no-credentials',
    says: /AWS profile "nope"/,
  },
  {
    what: 'a wrong multi-factor code',
    error: sdkError(
      'AccessDenied',
      'MultiFactorAuthentication failed with invalid MFA one time pass code.',
      403,
    ),
    code: 'expired-login',
    says: /that multi-factor code .*log in again/,
  },
  {
    what: 'keys that AWS does not know',
    error: sdkError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
    code: 'no-credentials',
    says: /does not accept the credentials/,
  },
  {
    what: 'a denial that names action and resource',
    error: sdkError('AccessDenied', DENIED, 403),
    code: 'missing-permission',
    says: /^AWS denies sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:work because no identity-based policy allows the sqs:SendMessage action: add that permission/,
  },
  {
    what: 'a denial that names nothing',
    error: sdkError('AccessDeniedException', 'Access denied', 400),
    subject: 'queue "work"',
    code: 'missing-permission',
    says: /^AWS denies sqs:SendMessage on queue "work"/,
  },
  ...DENIALS.map(([reason, advice]): Row => ({
    what: `a denial ${reason}`,
    error: sdkError('AccessDenied', `${DENIED.split(' because')[0]!} ${reason}`, 403),
    code: 'missing-permission',
    says: new RegExp(`:work ${reason}: ${advice}`),
  })),
  {
    what: "a HEAD's 403, which has no body",
    error: sdkError('403', 'UnknownError', 403),
    context: { service: 's3', operation: 'HeadBucket' },
    subject: 'bucket "photos"',
    code: 'missing-permission',
    says: /^AWS denies s3:ListBucket on bucket "photos"/,
  },
  {
    what: 'a bucket that does not exist',
    error: sdkError('NoSuchBucket', 'The specified bucket does not exist', 404),
    context: { service: 's3', operation: 'ListObjectsV2' },
    subject: 'bucket "photos"',
    code: 'no-such-bucket',
    says: /^There is no bucket "photos": check its name\.$/,
  },
  {
    what: "a HEAD's 404",
    error: sdkError('NotFound', 'UnknownError', 404),
    context: { service: 's3', operation: 'HeadBucket' },
    subject: 'bucket "photos"',
    code: 'no-such-bucket',
    says: /no bucket "photos"/,
  },
  {
    what: 'another region, by redirect',
    error: sdkError('PermanentRedirect', 'The bucket must be addressed …', 301, {
      $response: { headers: { 'x-amz-bucket-region': 'us-west-2' } },
    }),
    context: { service: 's3', operation: 'ListObjectsV2' },
    subject: 'bucket "photos"',
    code: 'wrong-region',
    says: /^Bucket "photos" is not in eu-west-1: use us-west-2\.$/,
  },
  {
    what: 'another region, by signature',
    error: sdkError('AuthorizationHeaderMalformed', "the region 'a' is wrong; expecting 'us-west-2'", 400),
    context: { service: 's3', operation: 'ListObjectsV2' },
    code: 'wrong-region',
    says: /us-west-2/,
  },
  {
    what: 'a queue that is gone, old name',
    error: sdkError('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.'),
    subject: 'queue "work"',
    code: 'not-found',
    says: /^There is no queue "work" in eu-west-1: deploy the pipeline/,
  },
  {
    what: 'a queue that is gone, new name',
    error: sdkError('QueueDoesNotExist', 'The specified queue does not exist.'),
    code: 'not-found',
    says: /deploy the pipeline/,
  },
  {
    what: 'a table that is gone',
    error: sdkError('ResourceNotFoundException', 'Requested resource not found'),
    context: { service: 'dynamodb', operation: 'Query' },
    subject: 'table "t"',
    code: 'not-found',
    says: /no table "t"/,
  },
  {
    what: 'a stack that is gone',
    error: sdkError('ValidationError', 'Stack [x] does not exist'),
    context: { service: 'cloudformation', operation: 'CreateChangeSet' },
    subject: 'stack "x"',
    code: 'not-found',
    says: /no stack "x" in eu-west-1/,
  },
  {
    what: 'a stack that is busy',
    error: sdkError('ValidationError', 'Stack:arn:x is in UPDATE_IN_PROGRESS state and can not be updated.'),
    context: { service: 'cloudformation', operation: 'CreateChangeSet' },
    subject: 'stack "x"',
    code: 'conflict',
    says: /^Stack "x" is busy/,
  },
  {
    what: 'a cancel where no update is under way',
    error: sdkError('ValidationError', 'CancelUpdateStack cannot be called from current stack status'),
    context: { service: 'cloudformation', operation: 'CancelUpdateStack' },
    subject: 'stack "x"',
    code: 'conflict',
    says: /^Stack "x" is busy or was changed/,
  },
  ...['InvalidAction', 'NotImplementedException', 'UnknownOperationException'].map((name): Row => ({
    what: name,
    error: sdkError(name, 'no'),
    context: { operation: 'StartMessageMoveTask', endpoint: 'http://localhost:4566' },
    code: 'unsupported',
    says: /does not support StartMessageMoveTask at http:\/\/localhost:4566/,
  })),
  {
    what: 'a redrive beside a running one, which the mover must not join',
    error: sdkError('AWS.SimpleQueueService.UnsupportedOperation', 'There is already a task running.'),
    context: { operation: 'StartMessageMoveTask' },
    code: 'aws',
    says: /^AWS refused sqs:StartMessageMoveTask: There is already a task running/,
  },
  { what: 'a plain 501', error: sdkError('UnknownError', '', 501), code: 'unsupported', says: /sqs/ },
  {
    what: 'throttling',
    error: sdkError('RequestThrottled', 'Rate exceeded'),
    code: 'throttled',
    says: /slow down \(RequestThrottled\)/,
  },
  {
    what: 'S3 SlowDown',
    error: sdkError('SlowDown', 'Reduce', 503),
    code: 'throttled',
    says: /wait a minute/,
  },
  ...['ConditionalCheckFailedException', 'ResourceInUseException', 'ResourceConflictException'].map(
    (name): Row => ({
      what: name,
      error: sdkError(name, 'x'),
      code: 'conflict',
      says: /changed elsewhere/,
    }),
  ),
  {
    what: 'a refused connection, tried at two addresses',
    error: Object.assign(new AggregateError([nodeError('ECONNREFUSED')], ''), { code: 'ECONNREFUSED' }),
    context: { endpoint: 'http://localhost:1' },
    code: 'unreachable',
    says: /^http:\/\/localhost:1 does not answer \(ECONNREFUSED\)/,
  },
  {
    what: 'an unknown host',
    error: nodeError('ENOTFOUND'),
    code: 'unreachable',
    says: /^The sqs service in eu-west-1 does not answer \(ENOTFOUND\)/,
  },
  {
    what: 'a timeout',
    error: Object.assign(new Error('socket timeout'), { name: 'TimeoutError' }),
    code: 'unreachable',
    says: /TimeoutError/,
  },
  {
    what: 'a certificate that is not trusted',
    error: new Error('fetch failed', { cause: nodeError('SELF_SIGNED_CERT_IN_CHAIN') }),
    code: 'untrusted-certificate',
    says: /not trusted here \(SELF_SIGNED_CERT_IN_CHAIN\): .*ca_bundle .*AWS_CA_BUNDLE/,
  },
  {
    what: 'a certificate that is not trusted, in the words of a provider',
    error: Object.assign(new Error('Error: self-signed certificate in certificate chain'), {
      name: 'CredentialsProviderError',
    }),
    code: 'untrusted-certificate',
    says: /not trusted here/,
  },
  {
    what: 'an error of the language, which is not called AWS’s',
    error: new TypeError("Cannot read properties of undefined (reading 'sso_region')"),
    code: 'aws',
    says: /^sqs:SendMessageBatch could not be called \(Cannot read properties.*Show Log/,
  },
  {
    what: 'a page of a proxy',
    error: Object.assign(new SyntaxError('Unexpected token <'), { $response: { headers: {} } }),
    context: { endpoint: 'http://localhost:4566' },
    code: 'aws',
    says: /^http:\/\/localhost:4566 does not answer sqs:SendMessageBatch as AWS does/,
  },
  {
    what: 'anything else, in AWS words on one line',
    error: sdkError('InvalidParameterValue', 'Value\n  is  wrong'),
    code: 'aws',
    says: /^AWS refused sqs:SendMessageBatch: Value is wrong \(InvalidParameterValue\)$/,
  },
];

describe('AWS errors', () => {
  for (const { what, error, context, subject, code, says } of ROWS) {
    it(`${what} is ${code}`, () => {
      const result = toAwsError(error, { ...CONTEXT, ...context }, subject ? { subject } : {});
      assert.equal(result.code, code, result.message);
      assert.match(result.message, says);
      assert.equal(result.cause, error);
    });
  }

  it('names the denied action', () => {
    assert.equal(toAwsError(sdkError('AccessDenied', DENIED, 403), CONTEXT).action, 'sqs:SendMessage');
    const buckets = { ...CONTEXT, service: 's3', operation: 'ListBuckets' };
    assert.equal(toAwsError(sdkError('AccessDenied', 'No', 403), buckets).action, 's3:ListAllMyBuckets');
  });

  it('survives things that are not errors', () => {
    const bare: unknown = Object.create(null);
    for (const thrown of [undefined, null, 'text', 7, {}, [], Symbol('s'), 7n, bare]) {
      assert.equal(toAwsError(thrown, CONTEXT).code, 'aws');
    }
    const odd = { name: 7, message: {}, $metadata: null, $response: null, errors: 'no', cause: 'none' };
    assert.equal(toAwsError(odd, CONTEXT).awsCode, 'UnknownError');
  });

  it('names AWS codes without their prefixes, and keeps a name that ends like one', () => {
    const code = (name: string) => toAwsError(sdkError(name, 'no'), CONTEXT).awsCode;
    assert.equal(code('AWS.SimpleQueueService.NonExistentQueue'), 'NonExistentQueue');
    assert.equal(code('com.amazonaws.sqs#QueueDoesNotExist'), 'QueueDoesNotExist');
    assert.equal(code('Odd:'), 'Odd:');
    assert.equal(toAwsError({ Code: 'SlowDown' }, CONTEXT).code, 'throttled');
  });

  it('finds the network code that Node nests, and none in an answer of AWS or in a circle', () => {
    const refused = nodeError('ECONNREFUSED');
    const several = Object.assign(new AggregateError([refused], 'all failed'), { cause: undefined });
    assert.equal(toAwsError(several, CONTEXT).code, 'unreachable');
    assert.equal(toAwsError(new Error('sent', { cause: refused }), CONTEXT).code, 'unreachable');
    const answered = sdkError('InternalError', 'no', 500, { cause: refused });
    assert.equal(toAwsError(answered, CONTEXT).code, 'aws');
    const circle = new Error('round');
    circle.cause = circle;
    assert.equal(toAwsError(circle, CONTEXT).code, 'aws');
  });

  it('goes by the status where AWS gives no name that we know', () => {
    const codes = { 301: 'wrong-region', 307: 'wrong-region', 403: 'missing-permission', 404: 'not-found' };
    const more = { 429: 'throttled', 501: 'unsupported', 503: 'throttled', 400: 'aws', 500: 'aws' };
    for (const [status, code] of Object.entries({ ...codes, ...more })) {
      assert.equal(toAwsError(sdkError('Odd', 'no', Number(status)), CONTEXT).code, code, status);
    }
    const s3 = { ...CONTEXT, service: 's3', operation: 'HeadBucket' };
    const missing = toAwsError(sdkError('NotFound', 'UnknownError', 404), s3);
    assert.equal(missing.message, 'There is no such bucket: check its name.');
    const moved = toAwsError(sdkError('PermanentRedirect', 'no', 301), s3, { subject: 'bucket "b"' });
    assert.equal(moved.message, 'Bucket "b" is not in eu-west-1: use the region it was made in.');
    assert.equal(toAwsError(sdkError('Odd', 'no', 403), s3).action, 's3:ListBucket');
    const other = { ...CONTEXT, operation: 'PurgeQueue' };
    assert.equal(toAwsError(sdkError('Odd', 'no', 403), other).action, 'sqs:PurgeQueue');
  });

  it('never repeats a secret, not even in the cause', () => {
    const result = toAwsError(sdkError('ValidationException', "Value 'hush-123' is bad"), CONTEXT, {
      secret: 'hush-123',
    });
    assert.equal(result.cause, undefined);
    assert.doesNotMatch(result.message, /hush-123/);
  });

  it('lets aborts and our own errors pass', async () => {
    const abort = new DOMException('stopped', 'AbortError');
    const own = new InvalidInputError('x', 'y');
    for (const thrown of [abort, own]) {
      await assert.rejects(
        call(CONTEXT, () => Promise.reject(thrown)),
        (caught) => caught === thrown,
      );
    }
  });

  it('takes the answer that `recover` finds in a failure', async () => {
    const gone = () => Promise.reject<string>(sdkError('ValidationError', 'does not exist'));
    assert.equal(await call(CONTEXT, gone, { recover: () => 'none' }), 'none');
    await assert.rejects(call(CONTEXT, gone, { recover: () => undefined }), AwsError);
  });
});
