import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { formatBytes, parseSize } from '../../../../src/core/files/byte-size.ts';
import { hasSizeAndDate, parseFileFilter } from '../../../../src/core/files/file-filter.ts';
import { s3Object } from '../../../helpers/fakes.ts';

const names = (field: string) => (error: unknown) =>
  error instanceof InvalidInputError && error.field === field;

describe('parseFileFilter', () => {
  it('keeps what is set, dates in UTC', () => {
    assert.deepEqual(parseFileFilter({}), {});
    assert.deepEqual(parseFileFilter({ glob: undefined, not_yet_done: false }), {});
    const all = { glob: '**/*.mov', min_size: 0, max_size: 0, not_yet_done: true, segments: true };
    assert.deepEqual(parseFileFilter({ ...all, changed_since: '2026-03-31' }), {
      ...all,
      changed_since: '2026-03-31T00:00:00.000Z',
    });
    assert.equal(
      parseFileFilter({ changed_since: '2026-03-31T08:00:00+02:00' }).changed_since,
      '2026-03-31T06:00:00.000Z',
    );
  });

  it('refuses the rest, and names the part', () => {
    for (const wrong of [undefined, null, [], 'glob', 3]) {
      assert.throws(() => parseFileFilter(wrong), names('filter'), JSON.stringify(wrong));
    }
    const wrongs: Record<string, unknown[]> = {
      glob: [null, '', 3, 'x'.repeat(501), ['*']],
      min_size: [null, NaN, -1, 1.5, Infinity, '1', 2 ** 53, {}],
      max_size: [null, NaN, -1, 1.5, -Infinity, '1 GB', true],
      changed_since: [
        ...[null, '', 0, 'yesterday', '2026', '2026-13-01', '2026-02-30', '2026-03-31T25:00:00Z'],
        ...['2026-03-31T08:00', '2026-03-31T08:00:00', '2026-03-31\n', ' 2026-03-31', '31.03.2026', {}],
      ],
      not_yet_done: [null, 'true', 1],
      segments: [null, 'true', 1],
      sizes: [1],
    };
    for (const [part, values] of Object.entries(wrongs)) {
      for (const value of values) {
        assert.throws(() => parseFileFilter({ [part]: value }), names(part), `${part}: ${String(value)}`);
      }
    }
    assert.throws(() => parseFileFilter({ min_size: 2, max_size: 1 }), names('min_size'));
  });

  it('gives a filter or an InvalidInputError for anything, and the same filter again', () => {
    const part = fc.constantFrom(
      'glob',
      'min_size',
      'max_size',
      'changed_since',
      'not_yet_done',
      'segments',
      'x',
    );
    const value = fc.oneof(
      fc.anything(),
      fc.maxSafeNat(),
      fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'never' : date.toISOString())),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(part, value)), (any) => {
        try {
          const filter = parseFileFilter(any);
          assert.deepEqual(parseFileFilter(JSON.parse(JSON.stringify(filter))), filter);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError, String(error));
        }
      }),
    );
  });
});

describe('hasSizeAndDate', () => {
  const at = (iso: string) => s3Object('a.mp4', { lastModified: new Date(iso) });

  it('takes both limits of the size', () => {
    const fits = (size: number) => hasSizeAndDate(s3Object('a', { size }), { min_size: 5, max_size: 7 });
    assert.deepEqual([4, 5, 7, 8].map(fits), [false, true, true, false]);
  });

  it('takes the moment itself and what is later, and no object without a date', () => {
    const filter = { changed_since: '2026-03-31T08:00:00.000Z' };
    assert.equal(hasSizeAndDate(at('2026-03-31T07:59:59Z'), filter), false);
    assert.equal(hasSizeAndDate(at('2026-03-31T08:00:00Z'), filter), true);
    assert.equal(hasSizeAndDate(s3Object('a'), filter), false);
    assert.equal(hasSizeAndDate(s3Object('a'), {}), true);
  });
});

describe('parseSize', () => {
  it('reads decimal and binary units as people type them', () => {
    const sizes: Record<string, number> = {
      '0': 0,
      ' 1500 ': 1500,
      '12 B': 12,
      '1.5 GB': 1_500_000_000,
      '1.5gb': 1_500_000_000,
      '0.5 kB': 500,
      '2 KB': 2000,
      '1 KiB': 1024,
      '1.5 GiB': 1_610_612_736,
      '5 TB': 5e12,
      '1 TiB': 2 ** 40,
      '3 MiB': 3 * 2 ** 20,
      '10 MB': 1e7,
    };
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
  });

  it('refuses the rest', () => {
    for (const wrong of [
      ...['', 'GB', '-1 MB', '1,5 GB', '1.', '.5 GB', '1 G', '1 Gbit', '1e9', '0x10', 'NaN', 'Infinity'],
      ...['1 2 MB', '99999 TB', '1 constructor', '١ GB', '1'.repeat(400)],
    ]) {
      assert.throws(() => parseSize(wrong), names('size'), wrong);
    }
  });
});

describe('formatBytes', () => {
  it('gives three digits and a unit', () => {
    assert.deepEqual([0, 1, 999, 1000, 1_234_567, 999_499, 999_500, 5e12, 2e18].map(formatBytes), [
      '0 B',
      '1 B',
      '999 B',
      '1 kB',
      '1.23 MB',
      '999 kB',
      '1 MB',
      '5 TB',
      '2000 PB',
    ]);
  });

  it('says what parseSize reads, within half a percent', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(15), (size, digits) => {
        const bytes = Math.floor(size / 10 ** digits / 2);
        const read = parseSize(formatBytes(bytes));
        assert.ok(Math.abs(read - bytes) <= bytes * 0.005, `${bytes}: ${formatBytes(bytes)}`);
      }),
    );
  });
});
