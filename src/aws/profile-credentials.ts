import { getDefaultRoleAssumer, getDefaultRoleAssumerWithWebIdentity } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { AwsError } from '../core/errors.ts';
import { visibleText } from '../core/visible-text.ts';
import { configuredEndpoint } from './configured-endpoint.ts';
import { REQUEST_HANDLER } from './request-handler.ts';

/** Whose credentials, and where the services that hand them out are. */
export interface CredentialSource {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

type Chain = ReturnType<typeof fromNodeProviderChain>;

/**
 * Credentials as the AWS CLI finds them: environment, profile (SSO, assumed roles, login sessions, processes, keys), web
 * identity, container, instance. The services that hand them out are called where the connection's own calls go: STS at
 * its configured endpoint, SSO (its OIDC and sign-in calls included, as the SDK gives them one config) at that of SSO.
 * @returns a provider that keeps credentials until they expire; no file is read before its first call. What is begun in
 * one account ends there: a renewal that leads to another one raises AwsError `no-credentials`
 */
export function profileCredentials(source: CredentialSource): Chain {
  let chain: Promise<Chain> | undefined;
  let first: string | undefined;
  return async (properties) => {
    const credentials = await (await (chain ??= makeChain(source)))(properties);
    // Keys and processes need not name an account; roles and SSO do.
    const { accountId: now } = credentials;
    first ??= now;
    if (now !== undefined && now !== first) throw accountChanged(source, first, now);
    return credentials;
  };
}

/** A renewal reads the AWS config files as they are by then: queue and table of one name may be there in both accounts. */
function accountChanged({ profile = 'default' }: CredentialSource, first = '', now: string): AwsError {
  return new AwsError(
    'no-credentials',
    `AWS profile "${visibleText(profile)}" leads to account ${now} now, and this was begun in ${first}: nothing more is sent. Choose a profile of account ${first} to go on.`,
    { operation: 'sts:AssumeRole', awsCode: 'AccountChanged' },
  );
}

async function makeChain({ region, profile, endpoint, mfaCode }: CredentialSource): Promise<Chain> {
  const at = async (serviceId: string) =>
    clientAt(endpoint ?? (await configuredEndpoint(serviceId, profile)));
  const [sts, sso] = await Promise.all([at('STS'), at('SSO')]);
  const assumer = { ...sts, region };
  return fromNodeProviderChain({
    // Without it a profile that was edited, or logged in anew, would need a restart of the editor.
    ignoreCache: true,
    ...(profile && { profile }),
    // No region here: the SDK would take it for the one of the SSO portal, too.
    clientConfig: sso,
    roleAssumer: getDefaultRoleAssumer(assumer),
    roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(assumer),
    ...(mfaCode && { mfaCodeProvider: mfaCode }),
  });
}

function clientAt(endpoint: string | undefined) {
  return {
    requestHandler: REQUEST_HANDLER,
    // The SDK would read the endpoint of AWS_PROFILE, whatever profile the credentials are of.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint && { endpoint }),
  };
}
