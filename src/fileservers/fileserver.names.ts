import { isPlainName, slug } from '../common/slug.js';

/*
 * Names of everything that belongs to a file server (contract 5.8, design section 2). They share one namespace, so that
 * a name must belong to one user only.
 */

/** Longest user in `{user}-fs`, which is a label of pods (`job-name`) and must fit into 63 characters. */
const LONGEST = 60;
/** With this inside, `{user}-fs-pvc-{volume}` could be read in two ways. */
const AMBIGUOUS = '-fs-pvc-';

/** A Service's name is a DNS-1035 label, which begins with a letter. */
const BEGINS_WELL = /^[a-z]/;

/** Name of the FileServer resource, and the user as names, labels and the path spell it. Independent of configuration. */
export function serverName(username: string): string {
  const plain = isPlainName(username, LONGEST) && BEGINS_WELL.test(username) && !username.includes(AMBIGUOUS);
  if (plain) return username;
  const readable = username.replaceAll(AMBIGUOUS, '-');
  const slugged = slug(readable, [username], LONGEST);
  return BEGINS_WELL.test(slugged) ? slugged : slug(`u-${readable}`, [username], LONGEST);
}

/** Job, Service, ingress of either kind, and the Secret with the key. */
export const objectName = (server: string): string => `${server}-fs`;

/** The claim of a configured volume. */
export const claimName = (server: string, volume: string): string => `${server}-fs-pvc-${volume}`;

/** The server that an object of this name would belong to. */
export const serverOfObject = (name: string): string | undefined =>
  name.endsWith('-fs') && name.length > 3 ? name.slice(0, -3) : undefined;
