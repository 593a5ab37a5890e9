/** Tags of a stack by key. CloudFormation passes them on to the stack's resources. */
export type StackTags = Readonly<Record<string, string>>;

/** What is wrong with typed tags; `at` is the tag or the key that it is about. */
export interface TagProblem {
  readonly problem:
    'too-many' | 'no-key' | 'no-value' | 'long-key' | 'long-value' | 'reserved' | 'characters' | 'twice';
  readonly at: string;
}

/** AWS's limits (CloudFormation API, CreateChangeSet and Tag), in characters. */
export const TAG_LIMITS = { tags: 50, key: 128, value: 256 } as const;
/** What IAM, the strictest of the services, takes in a tag of a role (IAM API, Tag). */
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @returns such as `team=media, cost-center=42`; empty where there is none */
export function formatTags(tags: StackTags): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/**
 * Reads tags as `formatTags` writes them. A value may hold further equals signs, and a comma ends it.
 * @param text empty: no tags
 * @returns the tags, or the first mistake that AWS would refuse
 */
export function parseTags(text: string): { readonly tags: StackTags } | TagProblem {
  const tags = new Map<string, string>();
  // IAM does not tell large letters from small ones in a key.
  const seen = new Set<string>();
  for (const piece of text.split(',').map((each) => each.trim())) {
    if (piece === '') continue;
    const [key = '', ...rest] = piece.split('=');
    const [name, value] = [key.trim(), rest.join('=').trim()];
    const problem = problemOf(name, value) ?? (seen.has(name.toLowerCase()) ? 'twice' : undefined);
    if (problem) return { problem, at: problem === 'no-key' ? piece : name };
    seen.add(name.toLowerCase());
    tags.set(name, value);
  }
  if (tags.size > TAG_LIMITS.tags) return { problem: 'too-many', at: String(tags.size) };
  return { tags: Object.fromEntries(tags) };
}

function problemOf(key: string, value: string): TagProblem['problem'] | undefined {
  if (key === '') return 'no-key';
  if (value === '') return 'no-value';
  if (/^aws:/i.test(key)) return 'reserved';
  if (key.length > TAG_LIMITS.key) return 'long-key';
  if (value.length > TAG_LIMITS.value) return 'long-value';
  return CHARACTERS.test(key + value) ? undefined : 'characters';
}

/** @returns true for the same keys with the same values, in any order */
export function areSameTags(a: StackTags, b: StackTags): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}
