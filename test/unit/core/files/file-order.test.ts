import assert from 'node:assert/strict';
import { arranged, AS_READ, type Arrangement } from '../../../../src/core/files/file-order.ts';
import { atOnce } from '../../../../src/core/steps.ts';

interface Entry {
  readonly key: string | undefined;
  readonly size?: number;
}
const show = (entries: readonly Entry[], how: Partial<Arrangement>) =>
  atOnce(
    arranged(entries, { ...AS_READ, ...how }, ({ key, ...rest }) =>
      key === undefined ? undefined : { bucket: 'b', key, ...rest },
    ),
  ).map(({ key }) => key);
const ENTRIES: Entry[] = [
  { key: 'in/Reel 10.mov', size: 5 },
  { key: undefined },
  { key: 'in/reel 2.mov', size: 70 },
  { key: 'a/e\u0301te\u0301.mkv' },
  { key: 'a/<b>.mov', size: 0 },
];

describe('the order of files', () => {
  it('is that of the table, by name, or by size', () => {
    assert.deepEqual(
      show(ENTRIES, {}),
      ENTRIES.map(({ key }) => key),
    );
    assert.deepEqual(show(ENTRIES, { order: 'name' }), [
      ...['a/<b>.mov', 'a/e\u0301te\u0301.mkv', 'in/Reel 10.mov', 'in/reel 2.mov', undefined],
    ]);
    assert.deepEqual(show(ENTRIES, { order: 'size' }), [
      ...['in/reel 2.mov', 'in/Reel 10.mov', 'a/<b>.mov', undefined, 'a/e\u0301te\u0301.mkv'],
    ]);
  });

  it('leaves out what does not fit, in any case and Unicode form', () => {
    assert.deepEqual(show(ENTRIES, { text: 'REEL' }), ['in/Reel 10.mov', 'in/reel 2.mov']);
    assert.deepEqual(show(ENTRIES, { text: 'Été', order: 'name' }), ['a/e\u0301te\u0301.mkv']);
    assert.deepEqual(show(ENTRIES, { text: '.*' }), []);
    assert.deepEqual(show(ENTRIES, { text: '' }).length, ENTRIES.length);
  });

  it('changes nothing in what it arranges', () => {
    const before = structuredClone(ENTRIES);
    show(ENTRIES, { order: 'size', text: 'e' });
    assert.deepEqual(ENTRIES, before);
  });
});
