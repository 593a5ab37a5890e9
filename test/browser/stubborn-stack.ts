/** Parts that are added to the pipeline's template to hold an update, and to have its rollback fail until it is mended. */

/** Does not go back to its first step until MENDED is set. */
const STUBBORN = `exports.handler = async (event) => {
      const goesBack = event.RequestType === 'Update' && event.ResourceProperties.Step === '1';
      const Status = goesBack && !process.env.MENDED ? 'FAILED' : 'SUCCESS';
      const { StackId, RequestId, LogicalResourceId } = event;
      const body = { Status, Reason: 'not mended', StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'it' };
      await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify(body)) });
    }`;

const BASE = {
  Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  StubbornRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
    },
  },
  Stubborn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['StubbornRole', 'Arn'] },
      Code: { ZipFile: STUBBORN },
    },
  },
};
const OUTPUTS = { Handle: { Value: { Ref: 'Handle' } }, Stubborn: { Value: { Ref: 'Stubborn' } } };

/** @returns the template with the parts that an update of `breaking` needs */
export function stubborn(template: string): string {
  return withParts(template, { ...BASE, First: step('1') });
}

/** @returns an update of `stubborn` that waits for a signal to its output `Handle` */
export function breaking(template: string): string {
  const Wait = {
    Type: 'AWS::CloudFormation::WaitCondition',
    DependsOn: 'First',
    Properties: { Handle: { Ref: 'Handle' }, Timeout: '60' },
  };
  return withParts(template, { ...BASE, First: step('2'), Wait });
}

function step(Step: string): object {
  return {
    Type: 'AWS::CloudFormation::CustomResource',
    Properties: { ServiceToken: { 'Fn::GetAtt': ['Stubborn', 'Arn'] }, Step },
  };
}

/** JSON is YAML, on one line. */
function withParts(template: string, resources: Readonly<Record<string, object>>): string {
  return template
    .replace('\nResources:\n', () => `\nResources:\n${lines(resources)}`)
    .replace('\nOutputs:\n', () => `\nOutputs:\n${lines(OUTPUTS)}`);
}

function lines(parts: Readonly<Record<string, object>>): string {
  return Object.entries(parts)
    .map(([name, part]) => ` ${name}: ${JSON.stringify(part)}\n`)
    .join('');
}
