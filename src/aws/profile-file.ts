import { externalDataInterceptor } from '@smithy/core/config';

/** Where a provider of the SDK is told to read. */
export interface ProfileFile {
  readonly filepath: string;
  readonly configFilepath: string;
}

/**
 * Hands a provider of the SDK sections of a config file that is on no disk: its reader does not take each name that the AWS
 * CLI takes, and a provider that read the real files could find another profile there.
 * @param id tells one such file from others
 * @param sections as the SDK names them, such as `sso-session.corp`, which its reader takes as they are
 */
export function profileFile(
  id: string,
  sections: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ProfileFile {
  const text = Object.entries(sections).map(([name, values]) =>
    [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`)].join('\n'),
  );
  const files = { filepath: `media-batch:/none`, configFilepath: `media-batch:/${id}` };
  externalDataInterceptor.interceptFile(files.filepath, '');
  externalDataInterceptor.interceptFile(files.configFilepath, text.join('\n'));
  return files;
}
