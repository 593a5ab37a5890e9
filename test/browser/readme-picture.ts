import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { until } from './until.ts';
import type { Workbench } from './workbench.ts';

/** The README's pictures are taken again only on request. */
const FOLDER = resolve(
  import.meta.dirname,
  process.env['MEDIA_BATCH_SCREENSHOTS'] === '1' ? '../../media' : '../../.local/screenshots',
);

/** Settings that leave out what is not the product's. */
export const PLAIN_EDITOR = {
  'breadcrumbs.enabled': false,
  'editor.fontSize': 12,
  'editor.guides.indentation': false,
  'editor.lineHeight': 16,
  'editor.lineNumbers': 'off',
  'editor.links': false,
  'editor.minimap.enabled': false,
  'editor.renderLineHighlight': 'none',
  'editor.scrollBeyondLastLine': false,
  'editor.wordWrap': 'on',
  'remote.autoForwardPorts': false,
  'window.commandCenter': false,
  'workbench.colorTheme': 'Default Light Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.tips.enabled': false,
};

/** The editor's watermark, and what the browser version alone has in its status bar. */
const NOT_OURS = '.editor-group-letterpress, .letterpress, .statusbar-item.right { visibility: hidden; }';

/** A part of the window that begins at its top, in px. */
export interface PictureArea {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Takes a picture for the README once nothing hovers or moves.
 */
export async function takePicture({ page }: Workbench, name: string, area: PictureArea): Promise<void> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  await page.mouse.move(width - 20, height / 2);
  const passing = page.locator('.monaco-hover:visible, .monaco-progress-container.active:visible');
  await until(
    'nothing that hovers or moves',
    () => passing.count(),
    (count) => count === 0,
  );
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({
    path: join(FOLDER, `${name}.png`),
    animations: 'disabled',
    style: NOT_OURS,
    clip: { ...area, y: 0 },
  });
}
