import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import { askItem, askText } from '../base/ask.ts';
import { isRegion, rememberSetting } from '../base/settings.ts';

/** The regions that every account can use from the start (AWS Account Management, "AWS Regions"). Others can be typed. */
const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'sa-east-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
];

/**
 * Asks for the AWS region and saves it in the settings.
 * @param suggested the region of the profile or the environment, which is listed first
 * @param current the region in use, which is marked
 * @throws AbortError on Escape
 */
export async function askRegion(
  vs: typeof vscode,
  suggested: string | undefined,
  current?: string,
): Promise<string> {
  const { t } = vs.l10n;
  const title = t('AWS Region');
  const first = [...new Set([suggested, current])].filter((region) => region !== undefined);
  const items = [...first, ...REGIONS.filter((region) => !first.includes(region))].map((region) => ({
    label: visibleText(region),
    description: [
      ...(region === suggested ? [t('from your AWS profile')] : []),
      ...(region === current ? [t('current')] : []),
    ].join(', '),
    region,
  }));
  const item = await askItem(vs, [...items, { label: t('Another region…'), region: undefined }], {
    title,
    placeHolder: t('The region of the buckets and of the pipeline; saved in the settings'),
  });
  const region = item.region ?? (await typeRegion(vs, title));
  await rememberSetting(vs, 'region', region);
  return region;
}

function typeRegion(vs: typeof vscode, title: string): Promise<string> {
  const { t } = vs.l10n;
  return askText(vs, {
    title,
    prompt: t('Id of the AWS region'),
    placeHolder: 'eu-south-1',
    validate: (value) => (isRegion(value) ? undefined : t('Type a region id such as eu-south-1.')),
  });
}
