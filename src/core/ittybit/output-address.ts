import { MAX_KEY_BYTES, type S3Location } from '../files/s3-location.ts';
import { outputFor, replacedInOutput, type JobOptions } from './job-options.ts';

/**
 * Why a file's output address cannot be sent. `braces`: Ittybit would replace a part of it; `output-folder`: it has a
 * folder `.` or `..`, and a reader that takes it as a URL resolves `a/../b` to `b`; `output-length`: S3 has no key of
 * that length.
 */
export type OutputProblem = 'braces' | 'output-folder' | 'output-length';

/** @returns what is wrong with a file's output address; undefined where it can be used, or the job names none */
export function outputProblem(job: JobOptions, file: S3Location): OutputProblem | undefined {
  const output = outputFor(job, file);
  if (output === undefined) return undefined;
  if (replacedInOutput(job, file) !== undefined) return 'braces';
  const path = output.slice(output.indexOf('/', 's3://'.length));
  if (/\/\.\.?(\/|$)/.test(path)) return 'output-folder';
  return new TextEncoder().encode(path.slice(1)).length > MAX_KEY_BYTES ? 'output-length' : undefined;
}

/**
 * Says why a file cannot be sent with this job's output, for its record.
 * @returns one sentence; undefined where it can be sent
 */
export function unusableOutput(job: JobOptions, file: S3Location): string | undefined {
  switch (outputProblem(job, file)) {
    case undefined:
      return undefined;
    case 'braces':
      return `Ittybit replaces names in braces in the output: rename the file or choose another output (${replacedInOutput(job, file) ?? ''}).`;
    case 'output-folder':
      return 'The output address would have a folder "." or "..": rename the file\'s folder or choose another output.';
    case 'output-length':
      return `The output address would be longer than the ${MAX_KEY_BYTES} bytes of an S3 key: shorten the file's key or choose another output.`;
  }
}

/**
 * Tells whether two files of one bucket can have the same output address. All allowed outputs name `{key}` or `{stem}`.
 * With `{key}`, or with `{ext}` between two signs that no extension has, the address of one file is no other file's.
 * Without them it is the stem's alone.
 * @returns true where files that differ only in their extension have the same address, and no others have
 */
export function sharesStem({ output }: JobOptions): boolean {
  return output !== undefined && !output.includes('{key}') && !output.includes('{ext}');
}
