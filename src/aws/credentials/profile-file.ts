import { externalDataInterceptor } from '@smithy/core/config';

/** The files that a credential provider of the SDK is told to read. */
export interface ProfileFile {
  readonly filepath: string;
  readonly configFilepath: string;
}

/**
 * Gives a credential provider of the SDK a config file that exists only in memory. The SDK's reader does not accept
 * every name that the AWS CLI accepts, and in the real files the provider could find another profile.
 * @param id distinguishes this file from others
 * @param sections under the SDK's names, such as `sso-session.corp`
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
