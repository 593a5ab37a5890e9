import type { JobKind } from './job-kind.ts';

const VIDEO = 'mp4 mov mkv webm m4v avi mxf ts mts m2ts mpg mpeg wmv flv 3gp ogv'.split(' ');

const AUDIO = 'mp3 wav flac aac m4a ogg opus aif aiff wma'.split(' ');

const IMAGE = 'jpg jpeg png webp avif gif tif tiff bmp heic heif'.split(' ');

/**
 * The file extensions that each kind of job can take: the published guide's four (mp4, mov, mkv, webm) and similar
 * ones.
 */
export const DEFAULT_EXTENSIONS: Readonly<Record<JobKind, readonly string[]>> = {
  video: VIDEO,
  adaptive_video: VIDEO,
  audio: [...AUDIO, ...VIDEO],
  image: [...IMAGE, ...VIDEO],
  animation: [...VIDEO, 'gif', 'webp'],
};
