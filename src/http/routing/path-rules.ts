/** What nothing but an encoded or a dotted path has. */
const MAY_SURPRISE = /[%\\]|(?:^|\/)\./;
const SEPARATOR = /[/\\]/;

/**
 * Can this path be routed without surprise? Refuses what is not percent-encoded UTF-8, and dot segments in
 * every spelling: a proxy in front may have judged another path than the one we would serve.
 */
export function isPlainPath(path: string): boolean {
  if (!MAY_SURPRISE.test(path)) return true;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return false;
  }
  if (decoded.includes('\0')) return false;
  return decoded.split(SEPARATOR).every((segment) => segment !== '.' && segment !== '..');
}
