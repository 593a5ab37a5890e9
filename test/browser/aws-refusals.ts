import type { ProxyAnswer, ProxyCall } from '../vscode/recording-proxy.ts';

/** @returns AWS's answer to a call with an error, in the form of the service that was called */
export function refuse(
  { operation, url }: ProxyCall,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ProxyAnswer {
  const service = operation.split(':', 1)[0] ?? '';
  if (service === 's3') {
    const body = `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`;
    return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
  }
  if (['cloudformation', 'sts', 'iam'].includes(service)) {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
    return { status, headers: { 'content-type': 'text/xml', ...headers }, body };
  }
  const type = url.pathname.startsWith('/2015') ? { 'x-amzn-errortype': code } : {};
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...type, ...headers },
    body: JSON.stringify({ __type: code, message }),
  };
}
