/** What Gafaelfawr's user-info says of somebody. */
export interface IdentityUser {
  username: string;
  name?: string;
  email?: string;
  uid?: number;
  gid?: number;
  groups?: { name: string; id: number }[];
  quota?: {
    api?: Record<string, number>;
    tap?: Record<string, unknown>;
    notebook?: { cpu: number; memory: number; spawn?: boolean };
  };
}

/** The token by which a user of the stub is known. */
export const tokenOf = ({ username }: { username: string }): string => `${username}-token`;

/** People as a platform has them, and some that only a test would invent. */
export const defaultUsers: readonly IdentityUser[] = [
  {
    username: 'rachel',
    name: 'Rachel Carson',
    email: 'rachel@example.org',
    uid: 1101,
    gid: 1101,
    groups: [
      { name: 'rachel', id: 1101 },
      { name: 'lab-users', id: 2001 },
    ],
    quota: { api: { datalinker: 500 }, notebook: { cpu: 9, memory: 27 } },
  },
  { username: 'vera', name: 'Vera Rubin', uid: 1102, gid: 1102, groups: [{ name: 'vera', id: 1102 }] },
  {
    username: 'emmy',
    name: 'Emmy Noether',
    uid: 1103,
    gid: 1103,
    groups: [
      { name: 'emmy', id: 1103 },
      { name: 'admins', id: 2000 },
    ],
  },
  { username: 'nouid', name: 'Nobody Numbered', groups: [] },
  {
    username: 'grounded',
    name: 'Grounded User',
    uid: 1105,
    gid: 1105,
    groups: [{ name: 'grounded', id: 1105 }],
    quota: { notebook: { cpu: 4, memory: 8, spawn: false } },
  },
  {
    username: 'colon',
    name: 'Colon: the name\nof two lines',
    uid: 1106,
    gid: 1106,
    groups: [{ name: 'colon', id: 1106 }],
  },
];
