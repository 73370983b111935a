import type { ErrorLocation } from './errors.js';
import type { Owner } from './record.js';

/*
 * What records and pods take of a person. The first four follow from the schemas of our records (`helm/berth/crds`),
 * which count characters, not bytes.
 */

/** Of one person, the primary one included (design section 2). */
export const MOST_GROUPS = 1_000;
const LONGEST_USERNAME = 253;
const LONGEST_GROUP = 253;
const LONGEST_NAME = 1_024;
/** User and group ids of a pod are 31 bits. */
const LARGEST_ID = 2 ** 31 - 1;

/** Why nothing can be recorded or started for somebody. */
export interface OwnerProblem {
  /** Stable snake_case code. */
  readonly reason: string;
  /** A sentence for whoever asked, with what to do. */
  readonly message: string;
  /** Where a request says it; absent for what only the identity provider says. */
  readonly location?: ErrorLocation;
}

/** The first thing about a person that neither a record nor a pod would take. */
export function ownerProblem({ username, uid, gid, groups }: Owner): OwnerProblem | undefined {
  if (lengthOf(username) > LONGEST_USERNAME) return nameProblem(username);
  if (groups.length > MOST_GROUPS) return crowdProblem(groups.length);
  if (!fits(uid, 1)) return idProblem('UID', uid);
  if (!fits(gid, 1)) return idProblem('GID', gid);
  for (const { name, id } of groups) {
    if (!fits(id, 0)) return idProblem(`id of group ${shown(name)}`, id);
    if (lengthOf(name) > LONGEST_GROUP) return groupProblem(name);
  }
  return undefined;
}

/** The same person as a record takes them: a name that is only shown is cut rather than refused. */
export function recordable<Person extends Pick<Owner, 'name'>>(person: Person): Person {
  const { name } = person;
  if (name === null || lengthOf(name) <= LONGEST_NAME) return person;
  const kept = Array.from(name)
    .slice(0, LONGEST_NAME - 1)
    .join('');
  return { ...person, name: `${kept}…` };
}

const fits = (id: number, least: number): boolean => Number.isInteger(id) && id >= least && id <= LARGEST_ID;

const nameProblem = (username: string): OwnerProblem => ({
  reason: 'username_too_long',
  message: `The username has ${lengthOf(username)} characters, expected at most ${LONGEST_USERNAME}`,
  location: ['path', 'username'],
});

const crowdProblem = (count: number): OwnerProblem => ({
  reason: 'too_many_groups',
  message: `The user has ${count} groups, and a record carries at most ${MOST_GROUPS}; whoever looks after the identity provider can take some away`,
});

const groupProblem = (name: string): OwnerProblem => ({
  reason: 'group_name_too_long',
  message: `The group ${shown(name)} has a name of ${lengthOf(name)} characters, expected at most ${LONGEST_GROUP}; whoever looks after the identity provider can rename it`,
});

const idProblem = (what: string, id: number): OwnerProblem => ({
  reason: 'id_out_of_range',
  message: `The ${what} is ${id}, and a pod takes whole numbers up to ${LARGEST_ID}; whoever looks after the identity provider can change it`,
});

const lengthOf = (text: string): number => Array.from(text).length;
const shown = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
