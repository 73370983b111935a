import { isPlainName, slug } from '../common/slug.js';
import { DEFAULT_LAB } from './lab.js';

/*
 * Names of everything that belongs to a lab (design section 2, "Ownership and names").
 *
 * A lab `default` of an ordinary user has exactly the contract's names. Where one of them would be invalid, too long
 * or could be mistaken for one of our slugs, the user is slugged in all of them; a lab with another name always is,
 * because `a-b` + `c` and `a` + `b-c` would read the same.
 */

/** Annotation with the user's name where the object's name only resembles it. */
export const RAW_NAME = 'berth.dev/raw-name';
/** Annotation with the lab's name on the namespace of a lab other than `default`. */
export const LAB_NAME = 'berth.dev/lab-name';
/** Nublado's label with the user; ours carry the same text as the names (contract 5.1). */
export const USER_LABEL = 'nublado.lsst.io/user';

const LONGEST_LABEL = 63;

/** Whose lab, and which. */
export interface LabKey {
  readonly username: string;
  readonly labName: string;
}

/** Names of a lab's objects. All but the namespace lie in the namespace. */
export interface LabObjectNames {
  readonly namespace: string;
  /** The user as names and labels spell it. */
  readonly user: string;
  readonly env: string;
  readonly nss: string;
  readonly files: string;
  readonly secret: string;
  readonly pod: string;
  readonly quota: string;
  readonly policy: string;
  readonly pullSecret: 'pull-secret';
  readonly service: 'lab';
  readonly serviceAccount: 'default';
  /** The claim of a configured volume. */
  claim(volume: string): string;
}

/** Name of the Lab resource; the key of queue and cache. Independent of configuration, so that it never changes. */
export function labName(username: string, lab: string = DEFAULT_LAB): string {
  return spelled({ username, labName: lab }, LONGEST_LABEL);
}

/** Name of the namespace that holds a lab: `{prefix}-{user}` (contract 5.2). */
export function userNamespace(prefix: string, username: string, lab: string = DEFAULT_LAB): string {
  return `${prefix}-${spelledIn(prefix, { username, labName: lab })}`;
}

/** Names of all objects of a lab (contract 5.2). `prefix` is `lab.namespacePrefix`. */
export function objectNames(prefix: string, username: string, lab: string = DEFAULT_LAB): LabObjectNames {
  const user = spelledIn(prefix, { username, labName: lab });
  return {
    namespace: `${prefix}-${user}`,
    user,
    env: `${user}-nb-env`,
    nss: `${user}-nb-nss`,
    files: `${user}-nb-files`,
    secret: `${user}-nb`,
    pod: `${user}-nb`,
    quota: `${user}-nb`,
    policy: `${user}-nb`,
    pullSecret: 'pull-secret',
    service: 'lab',
    serviceAccount: 'default',
    claim: (volume) => `${user}-nb-pvc-${volume}`,
  };
}

/** The annotations that keep what a slug lost; none where `spelling` says it all. */
export function nameAnnotations(key: LabKey, spelling: string): Readonly<Record<string, string>> {
  return {
    ...(spelling === key.username ? {} : { [RAW_NAME]: key.username }),
    ...(key.labName === DEFAULT_LAB ? {} : { [LAB_NAME]: key.labName }),
  };
}

/** What is needed of a Namespace to say whose it is. */
export interface NamedNamespace {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * Whose lab a namespace would hold: the inverse of {@link userNamespace}, and `undefined` unless the `user` label
 * equals the rest of the name exactly and the annotations, if any, lead back to this very name.
 */
export function labKeyOf(prefix: string, namespace: NamedNamespace): LabKey | undefined {
  const { name, labels = {}, annotations = {} } = namespace;
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const rest = name.slice(prefix.length + 1);
  if (labels[USER_LABEL] !== rest) return undefined;
  const key = { username: annotations[RAW_NAME] ?? rest, labName: annotations[LAB_NAME] ?? DEFAULT_LAB };
  return spelledIn(prefix, key) === rest ? key : undefined;
}

/** Name of the request Secret of one operation. An operation id has ten characters, so the two parts can't run together. */
export function requestSecretName(labResourceName: string, operationId: string): string {
  return `lab-request-${labResourceName}-${operationId}`;
}

const spelledIn = (prefix: string, key: LabKey): string => spelled(key, LONGEST_LABEL - prefix.length - 1);

function spelled(key: LabKey, longest: number): string {
  const { username, labName: lab } = key;
  const parts = [username, lab];
  if (lab !== DEFAULT_LAB) return slug(`${username}-${lab}`, parts, longest);
  return isPlainName(username, longest) ? username : slug(username, parts, longest);
}
