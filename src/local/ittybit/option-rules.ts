import { ApiError } from './api-error.ts';

/** The kinds of jobs that `POST /jobs` takes (reference page of that call). */
export const jobKinds = ['video', 'audio', 'image', 'animation', 'adaptive_video'] as const;
export type JobKind = (typeof jobKinds)[number];

type Rule = (value: unknown) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Rule =>
  (value) =>
    typeof value === 'string' && allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`;

const between =
  (min: number, max: number, whole: boolean): Rule =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
      ? undefined
      : `must be ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;

const dimension: Rule = (value) =>
  (typeof value === 'number' && Number.isInteger(value) && value > 0) ||
  (typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value))
    ? undefined
    : 'must be a whole number of pixels or a percentage such as "50%"';

const seconds: Rule = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? undefined
    : 'must be a number of seconds';

const hexColour: Rule = (value) =>
  typeof value === 'string' && /^#?([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i.test(value)
    ? undefined
    : 'must be a hex colour';

// The reference ends its list of positions with "etc.", so any word is accepted.
const someWord: Rule = (value) =>
  typeof value === 'string' && /^[a-z][a-z_ -]*$/.test(value)
    ? undefined
    : 'must be a position such as "center"';

const quality = oneOf('very_low', 'low', 'medium', 'high', 'very_high');
const picture = {
  quality,
  width: dimension,
  height: dimension,
  fit: oneOf('contain', 'cover', 'fill'),
  position: someWord,
  background: hexColour,
};
const clip = { start: seconds, end: seconds };

const formats: Readonly<Record<JobKind, readonly string[]>> = {
  video: ['mp4', 'webm', 'mov'],
  audio: ['mp3', 'aac', 'ogg', 'opus', 'wav', 'flac'],
  image: ['jpeg', 'png', 'webp', 'avif', 'gif'],
  animation: ['gif', 'webp'],
  adaptive_video: ['hls'],
};

const rules: Readonly<Record<JobKind, Readonly<Record<string, Rule>>>> = {
  video: {
    ...picture,
    ...clip,
    codec: oneOf('h264', 'h265', 'vp9', 'av1'),
    fps: between(1, 60, false),
    bitrate: between(300_000, 60_000_000, true),
  },
  audio: { quality, ...clip, bitrate: between(32_000, 320_000, true) },
  image: { ...picture, start: seconds },
  animation: { ...picture, ...clip, fps: between(1, 60, false) },
  adaptive_video: { ...picture, ...clip },
};

/** The format of the result: from the options, or else the first that the reference lists for the kind. */
export function formatOf(kind: JobKind, options: Readonly<Record<string, unknown>>): string {
  const { format } = options;
  return typeof format === 'string' ? format : (formats[kind][0] ?? kind);
}

/**
 * Checks the documented options of `kind`. Other options are accepted: we do not know whether the API refuses them.
 * @throws ApiError 400 `format_unsupported` or `request_invalid`
 */
export function checkOptions(kind: JobKind, options: Readonly<Record<string, unknown>>): void {
  const { format } = options;
  if (format !== undefined && !(typeof format === 'string' && formats[kind].includes(format))) {
    const message = `options.format for ${kind} must be one of ${formats[kind].join(', ')}.`;
    throw new ApiError(400, 'format_unsupported', message);
  }
  for (const [name, rule] of Object.entries(rules[kind])) {
    const value = options[name];
    const problem = value === undefined ? undefined : rule(value);
    if (problem !== undefined) throw new ApiError(400, 'request_invalid', `options.${name} ${problem}.`);
  }
  if (options['background'] !== undefined && options['fit'] !== 'contain') {
    throw new ApiError(400, 'request_invalid', 'options.background needs options.fit "contain".');
  }
}
