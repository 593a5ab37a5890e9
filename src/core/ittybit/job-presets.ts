import { DEFAULT_JOB_OPTIONS, type JobOptions } from './job-options.ts';

/** A job that the user can start from. */
export interface JobPreset {
  readonly id: string;
  /** plain English; the editor's interface translates it */
  readonly title: string;
  /** the result in a few words */
  readonly description: string;
  readonly job: JobOptions;
}

/** The most usual jobs; the first one is the published guide's. */
export const JOB_PRESETS: readonly JobPreset[] = [
  {
    id: 'video-1080p',
    title: 'Web video, 1080p MP4',
    description: '1920 px wide, high quality, plays everywhere',
    job: DEFAULT_JOB_OPTIONS,
  },
  {
    id: 'video-720p',
    title: 'Web video, 720p MP4',
    description: '1280 px wide, medium quality, about half the size',
    job: { kind: 'video', options: { width: 1280, format: 'mp4', quality: 'medium' } },
  },
  {
    id: 'hls',
    title: 'Adaptive streaming, HLS',
    description: 'several qualities that a player chooses from',
    job: { kind: 'adaptive_video', options: { format: 'hls' } },
  },
  {
    id: 'audio',
    title: 'Audio only, MP3',
    description: 'the sound of videos, or audio files converted, 192 kbit/s',
    job: { kind: 'audio', options: { format: 'mp3', bitrate: 192_000 } },
  },
  {
    id: 'thumbnail',
    title: 'Thumbnail, JPEG',
    description: 'a still of 640 px width',
    job: { kind: 'image', options: { width: 640, format: 'jpeg', quality: 'medium' } },
  },
  {
    id: 'preview',
    title: 'Animated preview, WebP',
    description: 'the first 3 s, 480 px wide, 10 frames a second, no sound',
    job: { kind: 'animation', options: { width: 480, format: 'webp', fps: 10, start: 0, end: 3 } },
  },
];
