import assert from 'node:assert/strict';
import {
  TEMPLATE_VERSION,
  templateAge,
  VERSION_OUTPUT,
} from '../../../../src/core/stack/template-version.ts';

describe('templateAge', () => {
  const of = (text: string) => templateAge({ [VERSION_OUTPUT]: text });

  it('counts a stack without the output as version 1', () => {
    assert.deepEqual(templateAge({}), { age: 'older', version: 1 });
  });

  it('tells older, current and newer ones', () => {
    assert.deepEqual(of('1'), { age: 'older', version: 1 });
    assert.deepEqual(of(String(TEMPLATE_VERSION)), { age: 'current', version: TEMPLATE_VERSION });
    assert.deepEqual(of(String(TEMPLATE_VERSION + 1)), { age: 'newer', version: TEMPLATE_VERSION + 1 });
    assert.deepEqual(of('999999999'), { age: 'newer', version: 999_999_999 });
  });

  for (const text of [
    '',
    '0',
    '-1',
    '02',
    '1.0',
    ' 2',
    '2 ',
    '2\n',
    '1e0',
    '٢',
    '0x2',
    'latest',
    '9'.repeat(400),
  ]) {
    it(`does not know ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.deepEqual(of(text), { age: 'unknown', text });
    });
  }
});
