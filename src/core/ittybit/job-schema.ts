import { taken } from './check-options.ts';
import { JOB_KINDS, type JobKind } from './job-kind.ts';
import { CONNECTION_ID } from './job-options.ts';
import {
  CROSS_RULES,
  KIND_RULES,
  optionRules,
  possibleFormats,
  type KindOptions,
  type NumberRule,
  type ValueRule,
} from './option-rules.ts';
import { endingRule, OUTPUT_RULES, type OutputRule } from './output-rules.ts';

type Schema = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<JobKind, string>> = {
  video: 'One video file.',
  audio: 'The sound of a video, or an audio file converted.',
  image: 'A still; "start" chooses the second of a video.',
  animation: 'An animated clip without sound; "end" is needed.',
  adaptive_video: 'A stream in several qualities that a player chooses from.',
};

const OPTIONS: Readonly<Record<string, string>> = {
  format: 'File format of the result.',
  quality: 'How good the result looks or sounds, and how large it gets.',
  width: 'Width of the result, in pixels or as a percentage of the source.',
  height: 'Height of the result, in pixels or as a percentage of the source.',
  fit: 'How the picture fills width and height: "contain" pads it, "cover" crops it, "fill" stretches it.',
  position: 'Which part of the picture stays where it is cropped or padded.',
  background: 'Colour of the padding; needs "fit": "contain".',
  codec: 'Video codec.',
  fps: 'Frames a second.',
  bitrate: 'Bits a second.',
  start: 'Where it begins in the source.',
  end: 'Where it ends in the source; later than "start".',
};

/**
 * The schema of job documents, for the editor's completion and diagnostics. It accepts what `parseJobOptions` accepts,
 * except for the cross rules that JSON Schema cannot express.
 * @returns JSON Schema, draft-07; `errorMessage` and `patternErrorMessage` are VS Code's extensions
 */
export function jobSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Media Batch job',
    description: 'What a batch asks of Ittybit for each of its files.',
    type: 'object',
    additionalProperties: false,
    required: ['kind'],
    properties: {
      $schema: { description: 'The schema of this document, for other editors.' },
      kind: {
        description: 'What comes out.',
        enum: JOB_KINDS,
        enumDescriptions: JOB_KINDS.map((kind) => KINDS[kind]),
      },
      options: { description: 'Options of this kind of job.', type: 'object' },
      output: {
        description:
          "Where results go: an S3 address such as \"s3://bucket/out/{key}.mp4\". {key} is the source's key, {stem} the key without its extension, {ext} that extension as it is written (empty without one), {bucket} the source's bucket. Left out: Ittybit's own storage.",
        type: 'string',
        allOf: OUTPUT_RULES.map(outputSchema),
      },
      connection_id: {
        description:
          'The Ittybit connection that reads the bucket, such as "conn_abc123". Left out: the stack\'s.',
        type: 'string',
        pattern: CONNECTION_ID,
        patternErrorMessage: '"connection_id" is an Ittybit connection such as "conn_abc123".',
      },
    },
    allOf: JOB_KINDS.map(ofKind),
    definitions: Object.fromEntries(JOB_KINDS.map((kind) => [kind, kindSchema(kind)])),
  };
}

/**
 * The rules of one kind of job. Rules that depend on an option are nested inside, so that the editor offers only this
 * kind's options.
 */
function ofKind(kind: JobKind): Schema {
  const inner = narrowings(kind);
  return {
    if: { type: 'object', required: ['kind'], properties: { kind: { const: kind } } },
    then: {
      type: 'object',
      ...(KIND_RULES[kind].required.length > 0 && { required: ['options'] }),
      properties: { options: { $ref: `#/definitions/${kind}` }, output: outputSchema(endingRule(kind, {})) },
      ...(inner.length > 0 && { allOf: inner }),
    },
  };
}

/** How a format or a codec limits the output's endings and the codecs. */
function narrowings(kind: JobKind): Schema[] {
  const { formats, options } = KIND_RULES[kind];
  const codecs = options['codec'] && 'choices' in options['codec'] ? options['codec'].choices : [];
  const conditions: KindOptions[] = [
    ...Object.keys(formats).map((format) => ({ format })),
    ...codecs.map((codec) => ({ codec })),
  ];
  const all = endingRule(kind, {}).pattern;
  return conditions
    .map((condition) => ({ condition, ending: endingRule(kind, condition) }))
    .filter(({ ending }) => ending.pattern !== all)
    .map(({ condition, ending }) => {
      const held = formats[String(condition['format'])]?.codecs;
      const rest = held && { options: codecSchema(held, possibleFormats(kind, condition)) };
      return {
        if: jobWith(condition),
        then: { type: 'object', properties: { output: outputSchema(ending), ...rest } },
      };
    });
}

function codecSchema(codecs: readonly string[], formats: readonly string[]): Schema {
  const errorMessage = `"codec" is one of ${codecs.join(', ')} in a ${formats.join(' or ')} file.`;
  return { type: 'object', properties: { codec: { enum: codecs, errorMessage } } };
}

/** A condition: a job whose options have these values. */
function jobWith(options: KindOptions): Schema {
  const values = Object.entries(options).map(([name, value]) => [name, { const: value }]);
  const properties = Object.fromEntries(values) as Schema;
  return {
    type: 'object',
    required: ['options'],
    properties: { options: { type: 'object', required: Object.keys(options), properties } },
  };
}

function kindSchema(kind: JobKind): Schema {
  const rules = optionRules(kind);
  const cross = CROSS_RULES.filter(({ option, schema }) => schema && Object.hasOwn(rules, option));
  const options = Object.entries(rules).map(([name, rule]) => [name, optionSchema(name, rule)]);
  return {
    type: 'object',
    description: KINDS[kind],
    additionalProperties: false,
    required: KIND_RULES[kind].required,
    properties: Object.fromEntries(options) as Schema,
    ...(cross.length > 0 && { allOf: cross.map(({ schema }) => schema) }),
  };
}

function optionSchema(name: string, rule: ValueRule): Schema {
  const description = OPTIONS[name];
  if ('choices' in rule) return { description, enum: rule.choices };
  return { description: `${description ?? ''} It is ${taken(rule)}.`, ...valueSchema(name, rule) };
}

function valueSchema(name: string, rule: Exclude<ValueRule, { choices: readonly string[] }>): Schema {
  if ('pattern' in rule) {
    return { type: 'string', pattern: rule.pattern, patternErrorMessage: `"${name}" is ${taken(rule)}.` };
  }
  if (!rule.or) return numberSchema(rule);
  return {
    anyOf: [numberSchema(rule), { type: 'string', pattern: rule.or.pattern }],
    errorMessage: `"${name}" is ${taken(rule)}.`,
  };
}

function numberSchema({ least, most, whole = false, above = false }: NumberRule): Schema {
  return {
    type: whole ? 'integer' : 'number',
    [above ? 'exclusiveMinimum' : 'minimum']: least,
    maximum: most,
  };
}

function outputSchema({ pattern, says }: OutputRule): Schema {
  return { type: 'string', pattern, patternErrorMessage: `The output ${says}.` };
}
