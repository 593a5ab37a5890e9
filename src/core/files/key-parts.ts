/**
 * Splits a key at its extension: what follows the last dot of the name, exactly as it is written. The name is what
 * follows the last `/`.
 * @returns `a/b.tar.gz`: stem `a/b.tar`, ext `gz`; `a/B.MOV`: `a/B` and `MOV`; `a/.mp4`: `a/` and `mp4`; `a/b` and
 * `a/b.`: `a/b` and an empty one
 */
export function keyParts(key: string): { readonly stem: string; readonly ext: string } {
  const dot = key.lastIndexOf('.');
  if (dot <= key.lastIndexOf('/')) return { stem: key, ext: '' };
  return { stem: key.slice(0, dot), ext: key.slice(dot + 1) };
}
