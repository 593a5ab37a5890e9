import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { foldLetters } from '../../../../src/core/files/letter-forms.ts';
import { parseObjectAddress } from '../../../../src/core/files/object-address.ts';
import { s3Uri } from '../../../../src/core/files/s3-location.ts';

const read = (text: string): string => {
  const { bucket = '-', key } = parseObjectAddress(text);
  return `${bucket} ${key}`;
};

describe('the address of an object', () => {
  it('is a key, an S3 address or an ARN, with every byte of the key as it is', () => {
    assert.equal(read(' 1999/reel 00021.mov\n'), '- 1999/reel 00021.mov');
    assert.equal(read('S3://film//a b/../%2F+?#é'), 'film /a b/../%2F+?#é');
    assert.equal(read('arn:aws:s3:::film/1999/a+b.mov'), 'film 1999/a+b.mov');
    assert.equal(read('arn:aws-us-gov:s3:::film/a'), 'film a');
    // A text that only looks a little like an address is a key.
    for (const text of ['s3:/film/a', 'ftp://film/a', 'film/1999/a.mov', '//host/a', 'C:\\a.mov', '%zz'])
      assert.equal(read(text), `- ${text}`);
  });

  it('is a page of the console, of either form', () => {
    const key = '1999/é & b=+#?.mov';
    const query = `prefix=${encodeURIComponent(key)}`;
    for (const host of ['s3.console', 'eu-west-1.console', 'console', '111122223333-abc.eu-west-1.console'])
      assert.equal(
        read(
          `https://${host}.aws.amazon.com/s3/object/film?region=eu-west-1&bucketType=general&${query}&tab=x#y`,
        ),
        `film ${key}`,
      );
    assert.equal(read(`https://console.amazonaws.cn/s3/object/film?${query}`), `film ${key}`);
    assert.equal(read('https://S3.console.aws.amazon.com/s3/object/film?prefix=a+b%2Bc'), 'film a b+c');
  });

  it('is a URL of the object, of either style', () => {
    for (const host of [
      'film.cut.s3.eu-west-1.amazonaws.com',
      'film.cut.s3.amazonaws.com',
      'film.cut.s3-eu-west-1.amazonaws.com',
      'film.cut.s3.dualstack.eu-west-1.amazonaws.com:443',
      'film.cut.s3-accelerate.amazonaws.com',
      'film.cut.s3.cn-north-1.amazonaws.com.cn',
      'FILM.cut.S3.amazonaws.com',
    ])
      assert.equal(
        read(`https://${host}/1999/../a+b%2B%C3%A9.mov?X-Amz-Signature=1`),
        'film.cut 1999/../a b+é.mov',
      );
    for (const host of ['s3.eu-west-1.amazonaws.com', 's3.amazonaws.com', 's3-eu-west-1.amazonaws.com'])
      assert.equal(read(`http://${host}/film//a%2Fb%5C.mov`), 'film /a/b\\.mov');
  });

  it('is refused where it names no object', () => {
    for (const text of [
      '',
      '  ',
      's3://',
      's3://film',
      's3://film/',
      's3://a b/c',
      's3:///a',
      'https://film.s3.amazonaws.com',
      'https://film.s3.amazonaws.com/',
      'https://s3.amazonaws.com/film',
      'https://film.s3.amazonaws.com/%E9',
      'https://film.s3.amazonaws.com/%zz',
      'https://s3.console.aws.amazon.com/s3/object/film?region=eu-west-1',
      'https://s3.console.aws.amazon.com/s3/object/film?prefix=',
      'https://s3.console.aws.amazon.com/s3/buckets/film?prefix=1999/',
      'https://s3.console.aws.amazon.com/s3/object/../film?prefix=a',
      'https://console.aws.amazon.com.evil.example/s3/object/film?prefix=a',
      'https://evil-console.aws.amazon.com/s3/object/film?prefix=a',
      'https://film.s3.amazonaws.com.evil.example/a',
      'https://film.s3.amazonaws.com@evil.example/a',
      'https://cdn.example/1999/a.mov',
      'https:///a',
      `https://${'s3.'.repeat(200)}amazonaws.com/a/b`,
      `s3://film/${'é'.repeat(513)}`,
      's3://film/\ud800',
      'x'.repeat(1025),
      ' '.repeat(20_000),
    ])
      assert.throws(() => parseObjectAddress(text), InvalidInputError, text.slice(0, 80));
  });

  it('ends soon with any text, in an address or a refusal, and reads back what was written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 's3://', 'https://', 'https://s3.'),
        fc.string({ unit: 'binary' }),
        (a, b) => {
          try {
            assert.ok(parseObjectAddress(a + b).key.length > 0);
          } catch (error) {
            assert.ok(error instanceof InvalidInputError);
          }
        },
      ),
    );
    const keys = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .filter((key) => key === key.trim());
    fc.assert(
      fc.property(keys, (key) => {
        assert.deepEqual(parseObjectAddress(s3Uri({ bucket: 'film', key })), { bucket: 'film', key });
        const url = `https://film.s3.eu-west-1.amazonaws.com/${encodeURIComponent(key)}`;
        assert.deepEqual(parseObjectAddress(url), { bucket: 'film', key });
      }),
    );
    const hosts = [
      `https://${'a.'.repeat(8_000)}`,
      `https://${'s3.'.repeat(5_000)}`,
      'arn:aws'.padEnd(16_000, '-'),
    ];
    for (const text of hosts) assert.throws(() => parseObjectAddress(text), InvalidInputError);
  });
});

describe('folded letters', () => {
  it('are the same in any case and either Unicode form, and differ where the letters do', () => {
    const [nfc, nfd] = ['É'.normalize('NFC'), 'é'.normalize('NFD')];
    assert.equal(foldLetters(nfc), foldLetters(nfd));
    assert.equal(foldLetters('ΟΔΟΣ'), foldLetters('οδος'));
    assert.notEqual(foldLetters('e'), foldLetters('é'));
  });
});
