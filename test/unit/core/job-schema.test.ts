import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InvalidInputError } from '../../../src/core/errors.ts';
import { JOB_KINDS } from '../../../src/core/job-kind.ts';
import { parseJobOptions } from '../../../src/core/job-options.ts';
import { JOB_PRESETS } from '../../../src/core/job-presets.ts';
import { OPTION_NAMES } from '../../../src/core/option-rules.ts';

/** The words of JSON Schema (draft-07) that the file uses. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const WORDS =
  '$schema $ref title description type enum const pattern minimum maximum required properties additionalProperties anyOf allOf if then definitions';
const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../resources/job.schema.json'), 'utf8'),
) as Schema & { definitions: Record<string, Schema> };

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Those words, as the specification has them. */
function accepts(schema: Schema, value: unknown): boolean {
  if (schema.$ref !== undefined) {
    const definition = SCHEMA.definitions[schema.$ref.replace('#/definitions/', '')];
    return accepts(definition ?? assert.fail(schema.$ref), value);
  }
  const type = typeOf(value);
  if (schema.type === 'integer') {
    if (!Number.isInteger(value)) return false;
  } else if (schema.type !== undefined && schema.type !== type) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (schema.const !== undefined && schema.const !== value) return false;
  if (typeof value === 'string' && schema.pattern && !new RegExp(schema.pattern, 'u').test(value))
    return false;
  if (typeof value === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)))
    return false;
  if (type === 'object' && !acceptsFields(schema, value as Record<string, unknown>)) return false;
  if (schema.anyOf && !schema.anyOf.some((one) => accepts(one, value))) return false;
  if (schema.allOf && !schema.allOf.every((one) => accepts(one, value))) return false;
  return !schema.if || !accepts(schema.if, value) || accepts(schema.then ?? {}, value);
}

function acceptsFields({ required, properties = {}, ...schema }: Schema, fields: object): boolean {
  if (required?.some((name) => !Object.hasOwn(fields, name))) return false;
  return Object.entries(fields).every(([name, field]) =>
    Object.hasOwn(properties, name)
      ? accepts(properties[name] ?? {}, field)
      : schema.additionalProperties !== false,
  );
}

function isJob(document: unknown): boolean {
  try {
    parseJobOptions(document);
    return true;
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return false;
  }
}

describe('resources/job.schema.json', () => {
  it('has the fields and kinds of a job, and the options of each kind', () => {
    assert.deepEqual(Object.keys(SCHEMA.properties ?? {}), ['kind', 'options', 'output', 'connection_id']);
    assert.deepEqual(SCHEMA.properties?.['kind']?.enum, JOB_KINDS);
    for (const kind of JOB_KINDS) {
      const options = SCHEMA.definitions[kind]?.properties ?? {};
      assert.deepEqual(Object.keys(options).toSorted(), OPTION_NAMES[kind].toSorted(), kind);
      for (const [name, { $ref, description }] of Object.entries(options)) {
        const target = $ref === undefined ? { description } : SCHEMA.definitions[name];
        assert.ok(target?.description, `${kind} ${name} has a description`);
      }
    }
  });

  it('uses only words that this test knows', () => {
    const known = WORDS.split(' ');
    const walk = (schema: object, isNames: boolean): void => {
      for (const [word, value] of Object.entries(schema) as [string, unknown][]) {
        if (!isNames && !Array.isArray(schema)) assert.ok(known.includes(word), word);
        if (typeof value === 'object' && value !== null)
          walk(value, !isNames && (word === 'properties' || word === 'definitions'));
      }
    };
    walk(SCHEMA, false);
  });

  it('takes every preset', () => {
    for (const { id, job } of JOB_PRESETS) assert.ok(accepts(SCHEMA, job), id);
  });

  it('takes the documents that the product takes, and no other', () => {
    const word = fc.constantFrom(
      ...['mp4', 'webm', 'mov', 'mp3', 'aac', 'ogg', 'opus', 'wav', 'flac', 'jpeg', 'png', 'webp', 'avif'],
      ...['gif', 'hls', 'h264', 'h265', 'vp9', 'av1', 'very_low', 'low', 'medium', 'high', 'very_high'],
      ...['contain', 'cover', 'fill', 'center', 'top left', 'Top', '#fff', '#00ff00', 'ABCDEF12', '#12345'],
      ...['50%', '100%', '0%', '101%', '', ' '],
    );
    const number = fc.oneof(
      fc.constantFrom(-1, 0, 1, 0.5, 60, 60.1, 16_384, 16_385, 29.97, 31_999, 32_000, 320_000, 320_001),
      fc.constantFrom(299_999, 300_000, 60_000_000, 60_000_001, 1_000_000, 1_000_001),
      fc.integer({ min: 0, max: 100 }),
    );
    const names = [...new Set(Object.values(OPTION_NAMES).flat())];
    const value = fc.oneof(word, number, fc.constantFrom(null, true, [], {}));
    const document = fc.constantFrom(...JOB_KINDS).chain((kind) => {
      const name = fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...OPTION_NAMES[kind]) },
        fc.constantFrom(...names, 'constructor'),
      );
      const options = fc.dictionary(name, fc.oneof({ weight: 9, arbitrary: fc.oneof(word, number) }, value), {
        maxKeys: 2,
      });
      const ended = options.map((some) => (kind === 'animation' ? { end: 3, ...some } : some));
      const often = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
        fc.oneof({ weight: 9, arbitrary: usual }, other);
      return fc
        .record(
          {
            kind: often(fc.constant(kind), value),
            options: often(ended, fc.oneof(options, fc.constantFrom<unknown>([], 'x', 3))),
            output: often(
              fc.constantFrom('s3://b/{stem}.mp4', 's3://b/{key}', 's3://b/c/d {key}.x'),
              fc.constantFrom<unknown>('s3://b/out.mp4', 's3://{key}', 's3:///{key}', 'http://b/{key}', 7),
            ),
            connection_id: often(
              fc.constantFrom('conn_abc-1', 'x'.repeat(128)),
              fc.constantFrom<unknown>('', 'a b', 'é', 'x'.repeat(129), 7),
            ),
          },
          { requiredKeys: [] },
        )
        .chain((job) => often(fc.constant({ kind, ...job }), fc.constantFrom({ ...job, extra: 1 }, job)));
    });
    let valid = 0;
    fc.assert(
      fc.property(document, (any) => {
        const expected = isJob(any);
        valid += Number(expected);
        assert.equal(accepts(SCHEMA, any), expected);
      }),
      { numRuns: 3000 },
    );
    assert.ok(valid > 50, `${valid} of the documents were jobs`);
  });

  it('agrees about each option by itself, at the ends of its range', () => {
    const values = ['mp4', 'hls', 'high', 'cover', 'h264', 'center', '#fff', '50%', '0%', 0, 1, 60, 61, 0.5];
    const ends = [16_384, 16_385, 32_000, 31_999, 320_000, 320_001, 300_000, 299_999, 6e7, 6e7 + 1, 1e6];
    for (const kind of JOB_KINDS) {
      for (const name of OPTION_NAMES[kind]) {
        for (const value of [...values, ...ends, 1e6 + 1, -1, null, true]) {
          const document = { kind, options: { ...(kind === 'animation' && { end: 3 }), [name]: value } };
          assert.equal(accepts(SCHEMA, document), isJob(document), JSON.stringify(document));
        }
      }
    }
  });
});
