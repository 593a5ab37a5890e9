import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Opens an address in the system's browser where there is a display.
 * @returns false where there is none, or nothing to open it with
 */
export async function openInBrowser(url: string): Promise<boolean> {
  const mac = process.platform === 'darwin';
  if (!mac && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return false;
  const child = spawn(mac ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    // Not installed: the address is printed anyway.
    return false;
  }
  child.unref();
  return true;
}
