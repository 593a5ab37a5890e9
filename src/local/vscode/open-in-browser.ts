import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Opens an address in the system's browser.
 * @returns false when there is no display or no program to open it with
 */
export async function openInBrowser(url: string): Promise<boolean> {
  const mac = process.platform === 'darwin';
  if (!mac && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return false;
  const child = spawn(mac ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    // The program is not installed: the caller prints the address.
    return false;
  }
  child.unref();
  return true;
}
