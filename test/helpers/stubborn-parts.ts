/** Parts of a template that hold an update, and make its rollback fail until FIXED is set. */

/** Refuses to go back to its first step until FIXED is set. */
const STUBBORN = `exports.handler = async (event) => {
      const goesBack = event.RequestType === 'Update' && event.ResourceProperties.Step === '1';
      const Status = goesBack && !process.env.FIXED ? 'FAILED' : 'SUCCESS';
      const { StackId, RequestId, LogicalResourceId } = event;
      const body = { Status, Reason: 'not fixed', StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'it' };
      await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify(body)) });
    }`;

/** The resources that the other parts need. */
export const STUBBORN_BASE = {
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

/** The address that a signal goes to, and the function that FIXED is set on. */
export const STUBBORN_OUTPUTS = {
  Handle: { Value: { Ref: 'Handle' } },
  Stubborn: { Value: { Ref: 'Stubborn' } },
};

/** Waits for a signal to the output `Handle`, behind the resource `First`. */
export const WAIT_BEHIND_FIRST = {
  Type: 'AWS::CloudFormation::WaitCondition',
  DependsOn: 'First',
  Properties: { Handle: { Ref: 'Handle' }, Timeout: '300' },
};

/** @returns a resource that an update from step 1 to 2 changes, and a rollback cannot change back */
export function stubbornStep(Step: '1' | '2'): object {
  return {
    Type: 'AWS::CloudFormation::CustomResource',
    Properties: { ServiceToken: { 'Fn::GetAtt': ['Stubborn', 'Arn'] }, Step },
  };
}
