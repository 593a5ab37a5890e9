import { InvalidInputError } from './errors.ts';
import type { JobKind } from './job-kind.ts';

/** Values and ranges of the options by kind: Ittybit API, "Create a job"; some: its CLI and HLS pages. */
const FRAME = ['format', 'quality', 'width', 'height', 'fit', 'position', 'background'];
export const OPTION_NAMES: Readonly<Record<JobKind, readonly string[]>> = {
  video: [...FRAME, 'codec', 'fps', 'bitrate', 'start', 'end'],
  audio: ['format', 'quality', 'bitrate', 'start', 'end'],
  image: [...FRAME, 'start'],
  animation: [...FRAME, 'fps', 'start', 'end'],
  adaptive_video: [...FRAME, 'start', 'end'],
};

const FORMATS: Readonly<Record<JobKind, readonly string[]>> = {
  video: ['mp4', 'webm', 'mov'],
  audio: ['mp3', 'aac', 'ogg', 'opus', 'wav', 'flac'],
  image: ['jpeg', 'png', 'webp', 'avif', 'gif'],
  animation: ['gif', 'webp'],
  adaptive_video: ['hls'],
};

const BITRATE: Readonly<Partial<Record<JobKind, readonly [number, number]>>> = {
  video: [300_000, 60_000_000],
  audio: [32_000, 320_000],
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  codec: ['h264', 'h265', 'vp9', 'av1'],
  quality: ['very_low', 'low', 'medium', 'high', 'very_high'],
  fit: ['contain', 'cover', 'fill'],
};

/**
 * Checks one option of one kind.
 * @returns the value, unchanged
 * @throws InvalidInputError saying which values the option takes
 */
export function checkOptionValue(kind: JobKind, name: string, value: unknown): string | number {
  const choices = name === 'format' ? FORMATS[kind] : CHOICES[name];
  if (choices) return choice(name, value, choices);
  switch (name) {
    case 'width':
    case 'height':
      if (typeof value === 'string' && /^(100|[1-9]\d?)%$/.test(value)) return value;
      return number(name, value, 1, 16_384, 'pixels, or a percentage such as "50%"', true);
    case 'fps':
      return number(name, value, 1, 60, 'frames a second');
    case 'bitrate': {
      const [least, most] = BITRATE[kind] ?? [0, Infinity];
      return number(name, value, least, most, 'bits a second', true);
    }
    case 'start':
    case 'end':
      return number(name, value, 0, 1_000_000, 'seconds');
    case 'background':
      return text(
        name,
        value,
        /^#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i,
        'a hexadecimal colour such as "#000000"',
      );
    default:
      return text(name, value, /^[a-z]+([ _-][a-z]+)*$/, 'words such as "center" or "top"');
  }
}

function choice(name: string, value: unknown, choices: readonly string[]): string {
  if (typeof value === 'string' && choices.includes(value)) return value;
  throw new InvalidInputError(`options.${name}`, `"${name}" is one of ${choices.join(', ')}.`);
}

function number(
  name: string,
  value: unknown,
  least: number,
  most: number,
  unit: string,
  whole = false,
): number {
  const fits =
    typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (fits) return value;
  throw new InvalidInputError(
    `options.${name}`,
    `"${name}" is ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}: ${unit}.`,
  );
}

function text(name: string, value: unknown, pattern: RegExp, what: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new InvalidInputError(`options.${name}`, `"${name}" is ${what}.`);
}
