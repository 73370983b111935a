import { homeDirectory as configuredHome } from '../../config/index.js';
import { fingerprint } from '../../common/slug.js';
import type { Owner } from '../../common/record.js';
import { labName } from '../lab.names.js';
import type { LabPodSettings } from './settings.js';

/*
 * The user as the lab's operating system knows them (contract 3.6 "Home directory" and 5.3 "NSS ConfigMap").
 *
 * All texts come from an identity provider. None may end a field or a line of its own making: a full name with a
 * line break in it would otherwise add an account with any number.
 */

const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$/;
/** Control, format and unassigned characters, line and paragraph separators, and the separator of fields. */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}:]+/gu;

/** The account's name: the username, or its slug where that could not stand in a path or a passwd file. */
export function accountName(username: string): string {
  return ACCOUNT.test(username) ? username : labName(username);
}

/** Absolute path of the user's home directory; never outside the configured prefix. */
export function homeDirectory(username: string, settings: LabPodSettings): string {
  return configuredHome(settings, accountName(username));
}

/** Content of `/etc/passwd`. */
export function passwdFile(owner: Owner, settings: LabPodSettings): string {
  const fullName = (owner.name ?? '').replace(HARMFUL, ' ').trim();
  const home = homeDirectory(owner.username, settings);
  const fields = [accountName(owner.username), 'x', owner.uid, owner.gid, fullName, home, '/bin/bash'];
  return `${lines(settings.nss.basePasswd)}${fields.join(':')}\n`;
}

/** Content of `/etc/group`: the user is a member of all groups but the primary one, which the account names. */
export function groupFile(owner: Owner, settings: LabPodSettings): string {
  const entries = owner.groups.map(
    ({ name, id }) => `${groupName(name)}:x:${id}:${id === owner.gid ? '' : accountName(owner.username)}\n`,
  );
  return lines(settings.nss.baseGroup) + entries.join('');
}

const groupName = (name: string): string =>
  ACCOUNT.test(name) ? name : `${name.replace(/[^A-Za-z0-9_.@+-]/g, '_')}-${fingerprint([name], 6)}`;

const lines = (base: string): string => (base === '' || base.endsWith('\n') ? base : `${base}\n`);
