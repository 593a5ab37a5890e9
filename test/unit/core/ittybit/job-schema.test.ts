import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { JOB_KINDS, type JobKind } from '../../../../src/core/ittybit/job-kind.ts';
import { jobRequest, parseJobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { JOB_PRESETS } from '../../../../src/core/ittybit/job-presets.ts';
import { jobSchema } from '../../../../src/core/ittybit/job-schema.ts';
import { CROSS_RULES, KIND_RULES, optionRules } from '../../../../src/core/ittybit/option-rules.ts';
import { exampleOutput } from '../../../../src/core/ittybit/output-rules.ts';
import { validateJobRequest } from '../../../../src/local/ittybit/request-validation.ts';
import { parseJobDocument } from '../../../../src/ui/enqueue/job-document.ts';

const CONTEXT = {
  file: { batch: 'b1', bucket: 'media', key: 'a.mov' },
  reference: 'r'.repeat(32),
  webhookUrl: 'https://hook.example/webhook',
  connectionId: '',
};
const ajv = new Ajv({
  strict: true,
  strictTypes: true,
  strictRequired: false,
  allErrors: true,
  verbose: true,
});
// Words that VS Code's JSON language adds to JSON Schema.
ajv.addVocabulary(['enumDescriptions', 'errorMessage', 'patternErrorMessage']);
const fits = ajv.compile(jobSchema());

/** @returns what the product says about a document, undefined where it takes it */
function problemOf(document: unknown): string | undefined {
  try {
    parseJobDocument(JSON.stringify(document));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, String(error));
    return error.message;
  }
}

/** The one rule that the schema cannot express: `end` against `start`. */
function onlyTheCheckKnows(problem: string | undefined): boolean {
  return problem?.includes('must be later than "start"') ?? false;
}

/** @returns true where both take the document */
function agree(document: unknown): boolean {
  const problem = problemOf(document);
  if (onlyTheCheckKnows(problem)) {
    const { options, ...rest } = document as { options: object };
    return agree({ ...rest, options: { ...options, start: 0 } });
  }
  const words = `${JSON.stringify(document)}: ${problem ?? 'taken'}; `;
  assert.equal(fits(document), problem === undefined, words + ajv.errorsText(fits.errors));
  return problem === undefined;
}

/** Options that complete a job of the kind. */
const whole = (kind: JobKind): object => (kind === 'animation' ? { end: 3 } : {});

const GOOD: readonly object[] = [
  ...JOB_PRESETS.map(({ job }) => ({ ...job, output: exampleOutput(job.kind, job.options) })),
  { kind: 'video', $schema: 'https://example.com/job.json' },
  { kind: 'video', output: 's3://out/{stem}.MP4' },
  { kind: 'video', output: 's3://out/{key}.mov' },
  { kind: 'video', output: 's3://out/a b/{stem}/é.webm' },
  { kind: 'video', output: 's3://out/{bucket}/{stem}-{ext}.mp4' },
  { kind: 'video', output: 's3://out/ext={ext}/{stem} ({ext}).mp4' },
  { kind: 'adaptive_video', output: 's3://out/{bucket}{stem}.{ext}/' },
  { kind: 'video', output: 's3://out/100 %/..{stem}/...a/x.mp4' },
  { kind: 'video', options: { format: 'webm', codec: 'av1' }, output: 's3://out/{stem}.webm' },
  { kind: 'video', options: { codec: 'av1' }, output: 's3://out/{stem}.mp4' },
  { kind: 'video', options: { fit: 'contain', background: '#000' } },
  { kind: 'video', options: { start: 1, end: 1.5, width: 641, height: '50%' } },
  { kind: 'audio', options: { format: 'opus' }, output: 's3://out/{stem}.ogg' },
  { kind: 'audio', output: 's3://out/{stem}.m4a' },
  { kind: 'image', options: { start: 90 }, output: 's3://out/{stem}.jpeg' },
  { kind: 'adaptive_video', output: 's3://out/{stem}/' },
  { kind: 'adaptive_video', output: 's3://out/{key}/master.m3u8' },
];

const BAD: readonly [unknown, RegExp][] = [
  [null, /must be a JSON object/],
  [[], /must be a JSON object/],
  [{}, /"kind" is one of video, .*, not undefined\./],
  [{ kind: 'Video' }, /"kind" is one of .*, not "Video"\./],
  [{ kind: 'video', options: null }, /must be a JSON object/],
  [{ kind: 'video', options: [] }, /must be a JSON object/],
  [{ kind: 'image', options: { format: 'gif' } }, /"format" is one of jpeg, .*, not "gif"\./],
  [{ kind: 'video', options: { format: 'MP4' } }, /"format" is one of mp4, webm, mov, not "MP4"\./],
  [{ kind: 'audio', options: { format: 'mp4' } }, /"format" is one of mp3/],
  [{ kind: 'animation', options: { format: 'mp4', end: 3 } }, /"format" is one of gif, webp/],
  [{ kind: 'adaptive_video', options: { format: 'dash' } }, /"format" is one of hls/],
  [
    { kind: 'video', options: { format: 'webm', codec: 'h264' } },
    /"codec" is one of vp9, av1 in a webm file/,
  ],
  [{ kind: 'video', options: { format: 'mov', codec: 'av1' } }, /"codec" is one of h264, h265 in a mov file/],
  [{ kind: 'video', options: { quality: 'best' } }, /"quality" is one of .*, not "best"\./],
  [
    { kind: 'video', options: { width: 0 } },
    /"width" is a whole number of pixels from 1 to 16384, or .*, not 0/,
  ],
  [{ kind: 'video', options: { height: -2 } }, /not -2\./],
  [{ kind: 'video', options: { height: '0%' } }, /not "0%"\./],
  [{ kind: 'video', options: { width: '640' } }, /not "640"\./],
  [
    { kind: 'video', options: { fps: '30' } },
    /"fps" is a number of frames a second from 1 to 60, not "30"\./,
  ],
  [{ kind: 'video', options: { start: -1 } }, /"start" is a number of seconds from 0/],
  [{ kind: 'video', options: { end: 0 } }, /"end" is a number of seconds above 0/],
  [{ kind: 'video', options: { background: '#000' } }, /"background" needs "fit": "contain"/],
  [{ kind: 'video', options: { background: '#000', fit: 'cover' } }, /"background" needs "fit": "contain"/],
  [{ kind: 'image', options: { end: 3 } }, /image jobs have no option "end"/],
  [{ kind: 'video', options: { constructor: 1 } }, /no option "constructor"/],
  [{ kind: 'video', options: { connection_id: 'conn_1' } }, /no option "connection_id"/],
  [{ kind: 'animation' }, /animation jobs need "end"/],
  [{ kind: 'animation', options: { start: 3 } }, /animation jobs need "end"/],
  [{ kind: 'video', quality: 'high' }, /no field "quality"/],
  [{ kind: 'video', connection_id: 'a b' }, /connection_id.*not "a b"/],
];

const BAD_OUTPUTS: readonly [JobKind, object, unknown, RegExp][] = [
  ['video', {}, 7, /The output 7 must be an S3 address/],
  ['video', {}, '', /must be an S3 address/],
  ['video', {}, '{stem}.mp4', /must be an S3 address/],
  ['video', {}, 'https://out/{stem}.mp4', /must be an S3 address/],
  ['video', {}, 'S3://out/{stem}.mp4', /must be an S3 address/],
  ['video', {}, 's3://out', /must be an S3 address/],
  ['video', {}, 's3://out/', /must be an S3 address/],
  ['video', {}, 's3:///{stem}.mp4', /must be an S3 address/],
  ['video', {}, 's3://{stem}/x.mp4', /must be an S3 address/],
  ['video', {}, 's3://my bucket/{stem}.mp4', /must be an S3 address/],
  ['video', {}, 's3://out/{stem}.mp4?versionId=1', /must have no "\?", "#" or control/],
  ['video', {}, 's3://out/a#b/{stem}.mp4', /must have no "\?", "#" or control/],
  ['video', {}, 's3://out/{stem}.mp4\n', /must have no "\?", "#" or control/],
  ['video', {}, 's3://out/\ud800{stem}.mp4', /must have no "\?", "#" or control/],
  [
    'video',
    {},
    's3://out/{date}/{stem}.mp4',
    /braces only as \{key\}, \{stem\}, \{ext\} and \{bucket\}: Ittybit/,
  ],
  ['video', {}, 's3://out/{filename}.mp4', /braces only/],
  ['video', {}, 's3://out/{STEM}.mp4', /braces only/],
  ['video', {}, 's3://out/{ stem }.mp4', /braces only/],
  ['video', {}, 's3://out/{{stem}}.mp4', /braces only/],
  ['video', {}, 's3://out/{date:YYYY/MM}/{stem}.mp4', /braces only/],
  ['video', {}, 's3://out/{stem}{.mp4', /braces only/],
  ['video', {}, 's3://out/%7Bdate%7D/{stem}.mp4', /no escaped character/],
  ['video', {}, 's3://out/{stem}%2emp4', /no escaped character/],
  ['video', {}, 's3://out/../{stem}.mp4', /no folder "\." or "\.\."/],
  ['video', {}, 's3://out/{stem}/./x.mp4', /no folder "\." or "\.\."/],
  ['adaptive_video', {}, 's3://out/{stem}/..', /no folder "\." or "\.\."/],
  ['video', {}, 's3://out/one-file.mp4', /needs \{key\} or \{stem\}/],
  ['video', {}, 's3://out/{ext}.mp4', /needs \{key\} or \{stem\}/],
  ['video', {}, 's3://out/{bucket}/x.mp4', /needs \{key\} or \{stem\}/],
  ['video', {}, 's3://{bucket}/{key}.mp4', /must be an S3 address/],
  ['video', {}, 's3://out/{EXT}/{key}.mp4', /braces only/],
  ['video', {}, 's3://out/{stem}{ext}.mp4', /needs a sign .* before and after \{ext\}/],
  ['video', {}, 's3://out/{ext}{stem}.mp4', /needs a sign/],
  ['video', {}, 's3://out/{bucket}{ext}/{stem}.mp4', /needs a sign/],
  ['video', {}, 's3://out/{stem}-x{ext}.mp4', /needs a sign/],
  ['video', {}, 's3://out/{stem}-{ext}é.mp4', /needs a sign/],
  ['video', {}, 's3://out/{ext}/{stem}/4{ext}/x.mp4', /needs a sign/],
  ['video', {}, 's3://out/{stem}.jpg', /must end in \.mp4 or \.m4v or \.webm or \.mov/],
  ['video', {}, 's3://out/{stem}', /must end in/],
  ['video', {}, 's3://out/{key}', /must end in/],
  ['video', {}, 's3://out/{stem}/', /must end in/],
  ['video', {}, 's3://out/{stem}/.mp4', /must end in/],
  ['video', {}, 's3://out/{stem}.mp4.jpg', /must end in/],
  ['video', { format: 'mp4' }, 's3://out/{stem}.webm', /must end in \.mp4 or \.m4v:/],
  ['video', { format: 'webm' }, 's3://out/{stem}.mp4', /must end in \.webm: .* video, the format webm/],
  ['video', { codec: 'h264' }, 's3://out/{stem}.webm', /must end in \.mp4 or \.m4v or \.mov/],
  ['audio', {}, 's3://out/{stem}.mp4', /must end in \.mp3/],
  ['audio', { format: 'wav' }, 's3://out/{stem}.mp3', /must end in \.wav/],
  ['image', {}, 's3://out/{stem}.gif', /must end in/],
  ['image', { format: 'png' }, 's3://out/{stem}.jpg', /must end in \.png/],
  ['animation', { end: 3 }, 's3://out/{stem}.mp4', /must end in \.gif or \.webp/],
  ['animation', { end: 3, format: 'gif' }, 's3://out/{stem}.webp', /must end in \.gif:/],
  ['adaptive_video', {}, 's3://out/{stem}.mp4', /must end in \/ or \.m3u8/],
  ['adaptive_video', { format: 'hls' }, 's3://out/{stem}', /must end in \/ or \.m3u8/],
  ['adaptive_video', {}, 's3://out/', /must be an S3 address/],
];

describe('the schema of job documents', () => {
  it('takes what the product takes', () => {
    for (const document of GOOD) assert.ok(agree(document), JSON.stringify(document));
  });

  it('refuses what the product refuses, which says what is allowed', () => {
    for (const [document, sentence] of BAD) {
      assert.match(problemOf(document) ?? 'taken', sentence, JSON.stringify(document));
      agree(document);
    }
    for (const [kind, options, output, sentence] of BAD_OUTPUTS) {
      const document = { kind, options, output };
      assert.match(problemOf(document) ?? 'taken', sentence, JSON.stringify(document));
      agree(document);
    }
  });

  it('says the same sentence of an output, in the editor and in the form', () => {
    for (const output of ['s3://out/{stem}.mp4', 's3://out/x.png', 's3://out/{date}-{stem}.png']) {
      const document = { kind: 'image', output };
      fits(document);
      const said = fits.errors?.map(({ parentSchema }) => parentSchema?.['patternErrorMessage'] as unknown);
      const sentence = problemOf(document)?.replace(` "${output}"`, '');
      assert.ok(said?.includes(sentence), `${String(sentence)} is one of ${JSON.stringify(said)}`);
    }
  });

  it('leaves to the check only that "end" comes after "start"', () => {
    const unsaid = CROSS_RULES.filter(({ schema }) => schema === undefined).map(({ option }) => option);
    assert.deepEqual(unsaid, ['end']);
    for (const [start, end] of [
      [5, 1],
      [2, 2],
    ]) {
      for (const kind of ['video', 'audio', 'animation', 'adaptive_video'] as const) {
        const document = { kind, options: { start, end } };
        assert.ok(fits(document));
        assert.match(
          problemOf(document) ?? '',
          new RegExp(`"end" is ${end}, .* later than "start", which is ${start}`),
        );
      }
    }
  });

  it('describes every option of every kind', () => {
    const { definitions } = jobSchema() as {
      definitions: Record<JobKind, { properties: Record<string, { description?: string }> }>;
    };
    for (const kind of JOB_KINDS) {
      assert.deepEqual(Object.keys(definitions[kind].properties), Object.keys(optionRules(kind)));
      for (const [name, { description }] of Object.entries(definitions[kind].properties)) {
        assert.match(description ?? '', /^[A-Z].*\.$/, `${kind} ${name}`);
      }
    }
  });

  it('agrees about each option alone, at the ends of its range', () => {
    const words = [
      'mp4',
      'gif',
      'hls',
      'high',
      'cover',
      'h264',
      'vp9',
      'center',
      'Top',
      '#fff',
      '50%',
      '0%',
      '',
    ];
    const ends = [
      16_384,
      16_385,
      32_000,
      31_999,
      320_000,
      320_001,
      300_000,
      299_999,
      6e7,
      6e7 + 1,
      1e6,
      1e6 + 1,
    ];
    for (const kind of JOB_KINDS) {
      for (const name of [...Object.keys(optionRules(kind)), 'fps', 'codec', 'start', '__proto__']) {
        for (const value of [...words, ...ends, 0, -0, 1, 1e-9, 60, 61, 0.5, -1, null, true, [], {}]) {
          const options = JSON.parse(JSON.stringify(whole(kind))) as object;
          Object.defineProperty(options, name, { value, enumerable: true, configurable: true });
          agree({ kind, options });
        }
      }
    }
  });

  it('agrees about documents of any content, and the stand-in for Ittybit takes what both take', () => {
    let taken = 0;
    fc.assert(
      fc.property(documents(), (document) => {
        if (!agree(document) || problemOf(document) !== undefined) return;
        taken += 1;
        assert.ok(validateJobRequest(jobRequest(parseJobOptions(document), CONTEXT)));
      }),
      { numRuns: 5000 },
    );
    assert.ok(taken > 300, `${taken} of the documents were jobs`);
  });

  it('agrees about any JSON, and about any output', () => {
    const piece = fc.constantFrom(
      ...[
        's3://',
        'out',
        '/',
        '{stem}',
        '{key}',
        '{ext}',
        '{bucket}',
        '{date}',
        '{',
        '}',
        '.mp4',
        '.MOV',
        '.jpg',
        '.m3u8',
        '?',
        '\n',
        ' ',
      ],
    );
    const output = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void agree(value)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...JOB_KINDS),
        fc.oneof(
          output,
          output.map((rest) => `s3://out/{stem}${rest}`),
        ),
        (kind, some) => {
          agree({ kind, options: whole(kind), output: some });
        },
      ),
      { numRuns: 3000 },
    );
  });
});

/** Documents that are often jobs, and otherwise wrong in one thing. */
function documents(): fc.Arbitrary<unknown> {
  const often = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 9, arbitrary: usual }, other);
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom<unknown>('webm', 'h264', 0, 61, '101%'),
  );
  return fc.constantFrom(...JOB_KINDS).chain((kind) => {
    const rules = optionRules(kind);
    const entry = fc.constantFrom(...Object.keys(rules)).chain((name) => {
      const rule = rules[name]!;
      const values: unknown[] =
        'choices' in rule
          ? [...rule.choices]
          : 'pattern' in rule
            ? ['center', '#0f0']
            : [rule.least, rule.least + 1, rule.most, '50%'];
      return fc.tuple(fc.constant(name), often(fc.constantFrom(...values), odd));
    });
    const options = fc.array(often(entry, fc.tuple(fc.constantFrom('codec', 'end', 'x'), odd)), {
      maxLength: 4,
    });
    const extensions = JOB_KINDS.flatMap((any) =>
      Object.values(KIND_RULES[any].formats).flatMap((rule) => rule.extensions),
    );
    const output = fc.constantFrom(...extensions, '').map((extension) => `s3://out/{stem}.${extension}`);
    const own = fc.constant(exampleOutput(kind, {}));
    const parts = {
      kind: often(fc.constant(kind), odd),
      options: often(
        options.map((entries) => ({ ...whole(kind), ...Object.fromEntries(entries as [string, unknown][]) })),
        odd,
      ),
      output: fc.oneof(own, output, often(own, odd)),
      connection_id: often(fc.constantFrom('conn_abc-1', 'x'.repeat(128)), odd),
    };
    return fc.record(parts, { requiredKeys: ['kind'] });
  });
}
