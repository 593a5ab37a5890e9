import { access } from 'node:fs/promises';

/** @returns false when the file cannot be read, for any reason */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // The callers install or create what is missing.
    return false;
  }
}
