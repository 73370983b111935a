import { z } from 'zod';
import { cidr, cpu, filled, flag, httpUrl, memory, whole } from './values.js';

const groupSchema = z.strictObject({
  name: filled().describe('Name of the group.'),
  id: whole(1).describe('Number of the group, never 0.'),
});

const developerSchema = z.strictObject({
  username: filled().describe('Name of the user; also names the namespace of the lab.'),
  name: filled().optional().describe('Full name. Default: none.'),
  uid: whole(1).describe('User number. Never 0: nobody becomes root by a setting.'),
  gid: whole(1).describe('Number of the primary group.'),
  groups: z.array(groupSchema).prefault([]).describe('All groups, the primary one included.'),
  quota: z
    .strictObject({
      cpu: cpu().describe('Cores (250m, 0.5, 2).'),
      memory: memory().describe('Bytes, or with a unit (27Gi).'),
      spawn: flag().prefault(true).describe('false forbids every lab.'),
    })
    .optional()
    .describe('What labs of this user may use. Default: no limit.'),
  roles: z
    .array(z.enum(['user', 'hub', 'admin']))
    .prefault(['user'])
    .describe('Default [user]. A hub acts for the users it names, an admin sees everybody.'),
  token: filled().describe('What the user sends as bearer token. For development only: it stands in a file.'),
});

const developmentSchema = z.strictObject({
  users: z.array(developerSchema).prefault([]).describe('Who exists. Default: nobody.'),
  allowRemoteCluster: flag()
    .prefault(false)
    .describe(
      'Default false: users from a file are refused when the cluster is not on loopback, since anybody who has read the file is any user.',
    ),
});

const secretSource = z
  .strictObject({
    env: filled()
      .optional()
      .describe('Name of an environment variable; line breaks at its end do not count.'),
    file: filled().optional().describe('Path of a file; line breaks at its end do not count.'),
  })
  .refine((source) => (source.env === undefined) !== (source.file === undefined), {
    error:
      'names no single source, expected either env or file (the secret itself never stands in this file)',
  })
  .transform(({ env, file }) => (env === undefined ? { file: file ?? '' } : { env }));

const names = () => z.array(filled()).prefault([]);

export const berthAuthSchema = z.strictObject({
  provider: z
    .enum(['gafaelfawr', 'development'])
    .prefault('gafaelfawr')
    .describe(
      'Who says who a caller is. Default gafaelfawr, as the Nublado controller; development: users below.',
    ),
  hubUsers: names().describe(
    'Users that may act as JupyterHub. Default: empty, the ingress decides (as today), which start announces.',
  ),
  adminUsers: names().describe(
    'Users that may use administrators’ routes. Default: empty, the ingress decides.',
  ),
  adminGroups: names().describe('Groups whose members are administrators. Default: empty.'),
  proxySecret: secretSource
    .optional()
    .describe(
      'Where the secret is that the proxy must send. Default: none; then any pod that reaches the port could forge user headers.',
    ),
  trustedProxies: z
    .array(cidr())
    .prefault([])
    .describe(
      'Address blocks from which user headers are believed. Default: empty, from everywhere (as today).',
    ),
  gafaelfawrUrl: httpUrl()
    .optional()
    .describe('Base URL of the Gafaelfawr API. Default: found through Repertoire discovery.'),
  development: developmentSchema.prefault({}).describe('Only for provider development.'),
});
