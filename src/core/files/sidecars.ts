/**
 * Folders that systems, file servers and cameras put beside media, in lower case: trash, thumbnails, indexes, snapshots,
 * resource forks and proxies.
 */
const FOLDERS: ReadonlySet<string> = new Set([
  // macOS, and file servers that speak AFP
  ...['__macosx', '.trashes', '.trash', '.spotlight-v100', '.fseventsd', '.temporaryitems'],
  ...['.documentrevisions-v100', '.mobilebackups', '.apdisk', '.appledouble', '.appledb', '.appledesktop'],
  ...['network trash folder', 'temporary items'],
  // Windows
  ...['$recycle.bin', 'recycler', 'recycled', 'system volume information', 'found.000'],
  // Linux and Android
  ...['lost+found', '.thumbnails', '.thumbs', '.zfs', '.snapshot', '.snapshots', '~snapshot'],
  // Synology, QNAP
  ...['@eadir', '#recycle', '#snapshot', '@recycle', '.@__thumb', '@__thumb', '@tmp', '@recently-snapshot'],
  ...['.@upload_cache', '.streams', '.@qmariadb', '@synologydrive', '@sharesnap'],
  // tools that copy files
  ...['.stversions', '.sync', '.dropbox.cache', '.tmp.driveupload', '.~tmp~'],
]);

/** Folders that cameras fill with proxies and thumbnails, by the folder that they are in. */
const CAMERA_FOLDERS: ReadonlySet<string> = new Set([
  // Sony XAVC and XDCAM, Panasonic P2
  ...['m4root/sub', 'm4root/thmbnl', 'xdroot/sub', 'xdroot/thmbnl', 'contents/proxy', 'contents/icon'],
]);

/**
 * AppleDouble, Linux's trash of a disk, Android's trash and unfinished downloads, the pictures that Windows Media Player
 * puts beside music, Synology's attributes.
 */
const NAMES = [
  /^\._/,
  /^\.trash(ed)?-/,
  /^\.pending-/,
  /^albumart(small|_\{.*\}_(small|large))\./,
  /@syno(eastream|resource)$/,
];

/**
 * @param folder the folders of the prefix that the user chose, up to its last `/`: who names such a folder means it
 * @returns whether the object is one that a system, a file server or a camera has put beside media, and no master
 */
export function isSidecar(key: string, folder = ''): boolean {
  const parts = key.toLowerCase().split('/');
  const name = parts.pop() ?? '';
  const chosen = folder.split('/').length - 1;
  return (
    NAMES.some((pattern) => pattern.test(name)) ||
    parts.some(
      (part, i) =>
        i >= chosen &&
        (FOLDERS.has(part) || /^\.trash-/.test(part) || CAMERA_FOLDERS.has(`${parts[i - 1]}/${part}`)),
    )
  );
}
