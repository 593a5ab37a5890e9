import { isAbsolute } from 'node:path';
import type * as vscode from 'vscode';
import { InvalidInputError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { readSettings } from '../base/settings.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/**
 * Reads the template to deploy: the file of the setting, or the template that comes with the extension.
 * @returns its text
 * @throws InvalidInputError for a setting whose file cannot be read
 */
export async function readTemplate({
  vs,
  extensionUri,
}: Pick<ScopeContext, 'vs' | 'extensionUri'>): Promise<string> {
  const { templateFile } = readSettings(vs);
  if (templateFile === undefined) return textOf(vs, vs.Uri.joinPath(extensionUri, 'dist', 'pipeline.yaml'));
  const { t } = vs.l10n;
  const id = 'mediaBatch.templateFile';
  const shown = visibleText(templateFile);
  if (!isAbsolute(templateFile)) {
    throw new InvalidInputError(
      id,
      t('The template "{0}" cannot be found: the setting {1} needs an absolute path.', shown, id),
    );
  }
  try {
    return await textOf(vs, vs.Uri.file(templateFile));
  } catch (error) {
    throw new InvalidInputError(
      id,
      t('The template "{0}" cannot be read: correct the setting {1}, or empty it.', shown, id),
      { cause: error },
    );
  }
}

async function textOf(vs: typeof vscode, uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vs.workspace.fs.readFile(uri));
}
