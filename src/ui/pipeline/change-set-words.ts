import type * as vscode from 'vscode';
import type { ResourceChange } from '../../core/stack/stack-service.ts';
import { DATA_RESOURCES, type DataResource } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';

/** A change set in words, the most dangerous changes first. Every name has gone through `visibleText`. */
export interface ChangeWords {
  /** such as `Resources: 1 to add, 2 to change, 0 to remove` */
  readonly summary: string;
  /** one line for each resource whose data may be lost */
  readonly atRisk: readonly string[];
  /** one group for each kind of change that occurs, with one line for each resource */
  readonly groups: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** true where IAM roles are created or changed */
  readonly changesRoles: boolean;
}

type Kind = 'replaced' | 'removed' | 'changed' | 'added';

/** Types of resources that hold data. The user's own template may have a bucket too. */
const DATA_TYPES: ReadonlySet<string> = new Set([
  ...DATA_RESOURCES.map(({ type }) => type),
  'AWS::S3::Bucket',
]);

/** @param changes one entry per resource, as AWS gives them */
export function changeWords(vs: typeof vscode, changes: readonly ResourceChange[]): ChangeWords {
  const { t } = vs.l10n;
  const titles: Readonly<Record<Kind, string>> = {
    replaced: t('Replaced, or may be replaced'),
    removed: t('Removed'),
    changed: t('Changed in place'),
    added: t('Added'),
  };
  const of = (kind: Kind): readonly ResourceChange[] => changes.filter((change) => kindOf(change) === kind);
  const kinds = Object.keys(titles) as Kind[];
  return {
    summary: t(
      'Resources: {0} to add, {1} to change, {2} to remove',
      of('added').length,
      of('changed').length + of('replaced').length,
      of('removed').length,
    ),
    atRisk: changes.filter(losesData).map((change) => riskLine(vs, change)),
    groups: kinds
      .map((kind) => ({ title: titles[kind], lines: of(kind).map((change) => changeLine(vs, change)) }))
      .filter(({ lines }) => lines.length > 0),
    changesRoles: changes.some(({ action, type }) => action !== 'Remove' && type === 'AWS::IAM::Role'),
  };
}

function kindOf({ action, replacement }: ResourceChange): Kind {
  if (action === 'Remove') return 'removed';
  if (action === 'Add' || action === 'Import') return 'added';
  return replacement === 'True' || replacement === 'Conditional' ? 'replaced' : 'changed';
}

function losesData(change: ResourceChange): boolean {
  const kind = kindOf(change);
  return (kind === 'removed' || kind === 'replaced') && DATA_TYPES.has(change.type);
}

function changeLine(vs: typeof vscode, change: ResourceChange): string {
  const { t } = vs.l10n;
  const name = nameOf(change);
  if (change.action === 'Import') return t('{0}: imported into the stack', name);
  return change.replacement === 'Conditional'
    ? t('{0}: AWS does not know yet whether it is replaced', name)
    : name;
}

function riskLine(vs: typeof vscode, change: ResourceChange): string {
  const { t } = vs.l10n;
  const name = nameOf(change);
  const data = DATA_RESOURCES.find(({ logicalId }) => logicalId === change.logicalId);
  if (!data) return t('{0}: the data in it', name);
  return data.stays
    ? t('{0}: the table stays in your account, but the pipeline no longer shows its results', name)
    : `${name}: ${holdWords(vs, data)}`;
}

/** @returns the data that is lost when a resource is deleted */
export function holdWords({ l10n: { t } }: typeof vscode, { holds }: DataResource): string {
  const words: Readonly<Record<DataResource['holds'], string>> = {
    results: t('the results'),
    'queued-files': t('the files that wait in it'),
    'dead-letters': t('the dead letters'),
    'api-key': t('the Ittybit API key'),
    'signing-secret': t('the secret behind the webhook addresses; callbacks of jobs under way are refused'),
    logs: t('the logs'),
  };
  return words[holds];
}

function nameOf({ logicalId, type }: ResourceChange): string {
  return `${visibleText(logicalId)} (${visibleText(type)})`;
}
