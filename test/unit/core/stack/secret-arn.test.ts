import assert from 'node:assert/strict';
import { secretPlaceOf, ssmParameterName } from '../../../../src/core/stack/secret-arn.ts';

describe('the ARN of a secret', () => {
  const ssm = (name: string) => `arn:aws:ssm:eu-west-1:111122223333:parameter/${name}`;
  const secret = 'arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:parameter/key-a1b2c3';

  it('gives the name of an SSM parameter, with the slash that its ARN leaves out', () => {
    assert.equal(ssmParameterName(ssm('ittybit')), 'ittybit');
    assert.equal(ssmParameterName(ssm('media/ittybit')), '/media/ittybit');
    assert.equal(
      ssmParameterName(ssm('media/ittybit').replace('arn:aws:', 'arn:aws-us-gov:')),
      '/media/ittybit',
    );
  });

  it('gives no name for any other ARN or text', () => {
    const others = [secret, ssm(''), `x${ssm('a')}`, 'arn:aws:ssm:eu-west-1:1:document/a', 'parameter/a', ''];
    for (const arn of others) assert.equal(ssmParameterName(arn), undefined, arn);
  });

  it('says where the value is stored', () => {
    assert.deepEqual(secretPlaceOf(ssm('a')), { store: 'parameter-store', region: 'eu-west-1' });
    assert.deepEqual(secretPlaceOf(secret), { store: 'secrets-manager', region: 'cn-north-1' });
    for (const arn of [
      '',
      'arn:aws:s3:::b',
      'arn:aws:ssm::1:parameter/a',
      ` ${secret}`,
      'arn:aws:ssmx:r:1:a',
    ]) {
      assert.equal(secretPlaceOf(arn), undefined, arn);
    }
  });
});
