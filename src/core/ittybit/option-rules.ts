import type { JobKind } from './job-kind.ts';

/**
 * What Ittybit takes (its API page "Create a job"; for `animation` and `adaptive_video` also its CLI and HLS pages).
 * The check (`check-options.ts`), the JSON schema (`job-schema.ts`) and the form are all made from this table.
 */
export type ValueRule = ChoiceRule | NumberRule | TextRule;

/** One of these words. */
export interface ChoiceRule {
  readonly choices: readonly string[];
}

/** A number of `unit` in a range, its ends included. */
export interface NumberRule {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly whole?: boolean;
  /** `least` itself is not allowed */
  readonly above?: boolean;
  /** a text that is allowed too */
  readonly or?: TextRule;
}

/** A text of this form: a regular expression in JSON Schema's dialect, and the same in words. */
export interface TextRule {
  readonly pattern: string;
  readonly what: string;
}

/** One format of results. */
export interface FormatRule {
  /** lower case, without the dot; the usual one first */
  readonly extensions: readonly string[];
  /** codecs that the file format can hold; absent: all */
  readonly codecs?: readonly string[];
  /** the result is several files, so that `output` may be a folder */
  readonly folder?: boolean;
}

/** What one kind of job takes. */
export interface KindRule {
  /** in the order in which they are suggested */
  readonly formats: Readonly<Record<string, FormatRule>>;
  /** the options apart from `format` */
  readonly options: Readonly<Record<string, ValueRule>>;
  readonly required: readonly string[];
}

const QUALITY: ValueRule = { choices: ['very_low', 'low', 'medium', 'high', 'very_high'] };
const PERCENT: TextRule = { pattern: '^(100|[1-9][0-9]?)%$', what: 'a percentage such as "50%"' };
const PIXELS: ValueRule = { least: 1, most: 16_384, unit: 'pixels', whole: true, or: PERCENT };
const FPS: ValueRule = { least: 1, most: 60, unit: 'frames a second' };
const START: ValueRule = { least: 0, most: 1_000_000, unit: 'seconds' };
const END: ValueRule = { least: 0, most: 1_000_000, unit: 'seconds', above: true };
const PICTURE: Readonly<Record<string, ValueRule>> = {
  quality: QUALITY,
  width: PIXELS,
  height: PIXELS,
  fit: { choices: ['contain', 'cover', 'fill'] },
  // The API page ends its list of positions with "etc.".
  position: { pattern: '^[a-z]+([ _-][a-z]+)*$', what: 'words such as "center" or "top"' },
  background: {
    pattern: '^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$',
    what: 'a hexadecimal colour such as "#000000"',
  },
};

export const KIND_RULES: Readonly<Record<JobKind, KindRule>> = {
  video: {
    // What WebM and QuickTime can hold: WebM Container Guidelines; QuickTime File Format, video media.
    formats: {
      mp4: { extensions: ['mp4', 'm4v'] },
      webm: { extensions: ['webm'], codecs: ['vp9', 'av1'] },
      mov: { extensions: ['mov'], codecs: ['h264', 'h265'] },
    },
    options: {
      ...PICTURE,
      codec: { choices: ['h264', 'h265', 'vp9', 'av1'] },
      fps: FPS,
      bitrate: { least: 300_000, most: 60_000_000, unit: 'bits a second', whole: true },
      start: START,
      end: END,
    },
    required: [],
  },
  audio: {
    formats: {
      mp3: { extensions: ['mp3'] },
      aac: { extensions: ['aac', 'm4a'] },
      ogg: { extensions: ['ogg', 'oga'] },
      opus: { extensions: ['opus', 'ogg'] },
      wav: { extensions: ['wav'] },
      flac: { extensions: ['flac'] },
    },
    options: {
      quality: QUALITY,
      bitrate: { least: 32_000, most: 320_000, unit: 'bits a second', whole: true },
      start: START,
      end: END,
    },
    required: [],
  },
  image: {
    formats: {
      jpeg: { extensions: ['jpg', 'jpeg'] },
      png: { extensions: ['png'] },
      webp: { extensions: ['webp'] },
      avif: { extensions: ['avif'] },
    },
    options: { ...PICTURE, start: START },
    required: [],
  },
  animation: {
    formats: { gif: { extensions: ['gif'] }, webp: { extensions: ['webp'] } },
    options: { ...PICTURE, fps: FPS, start: START, end: END },
    required: ['end'],
  },
  adaptive_video: {
    formats: { hls: { extensions: ['m3u8'], folder: true } },
    options: { ...PICTURE, start: START, end: END },
    required: [],
  },
};

/** @returns every option of a kind and what it takes */
export function optionRules(kind: JobKind): Readonly<Record<string, ValueRule>> {
  const { formats, options } = KIND_RULES[kind];
  return { format: { choices: Object.keys(formats) }, ...options };
}

/** Options by name, as they are sent. */
export type KindOptions = Readonly<Record<string, string | number>>;

/** @returns the formats that a result can have with this `format` and `codec`; none where the two exclude each other */
export function possibleFormats(kind: JobKind, { format, codec }: KindOptions): string[] {
  return Object.entries(KIND_RULES[kind].formats)
    .filter(([name, { codecs }]) => {
      const holdsCodec = codec === undefined || codecs === undefined || codecs.includes(String(codec));
      return holdsCodec && (format === undefined || format === name);
    })
    .map(([name]) => name);
}

/** A rule about two options of one job. */
export interface CrossRule {
  /** the option to change where the rule is broken */
  readonly option: string;
  /** @returns what is wrong, in words that follow the option's name; undefined where the rule is kept */
  readonly problem: (options: KindOptions) => string | undefined;
  /** the same rule as JSON Schema of "options"; absent where JSON Schema cannot express it */
  readonly schema?: object;
}

export const CROSS_RULES: readonly CrossRule[] = [
  {
    option: 'background',
    problem: ({ background, fit }) =>
      background === undefined || fit === 'contain'
        ? undefined
        : 'needs "fit": "contain", which leaves room for it',
    schema: {
      if: { type: 'object', required: ['background'] },
      then: {
        type: 'object',
        required: ['fit'],
        properties: { fit: { const: 'contain', errorMessage: '"background" needs "fit": "contain".' } },
      },
    },
  },
  {
    option: 'end',
    problem: ({ start = 0, end }) =>
      end === undefined || end > start
        ? undefined
        : `is ${end}, and must be later than "start", which is ${start}`,
  },
];
