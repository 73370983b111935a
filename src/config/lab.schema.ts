import { z } from 'zod';
import { notEmpty } from '../common/filled.js';
import { initContainerSchema, labSecretSchema } from './lab-container.schema.js';
import { labSizeSchema } from './lab-size.schema.js';
import { placement } from './scheduling.schema.js';
import { superseded } from './superseded.js';
import { duration, filled, flag, nameOrNone, text, textMap } from './values.js';
import { containerPath, volumeMountSchema, volumeSchema } from './volume.schema.js';
import { isReservedEnv } from './reserved.js';

/** Homes stand in the passwd file of labs as they are. */
const homePath = () =>
  z.string().refine((path) => !/[:\p{Cc}]/u.test(path), {
    error: 'holds a colon or a control character, expected a path that fits into /etc/passwd',
  });

const homedirPrefix = homePath()
  .transform((prefix) => prefix.replace(/\/+$/, ''))
  .refine((prefix) => prefix.startsWith('/') && prefix.length > 1, {
    error: 'is no directory for homes, expected a path such as /home',
  });

const env = z.record(
  z.string().refine((name) => !isReservedEnv(name), {
    error: 'is set by Berth or JupyterHub, expected another name',
  }),
  z.string({ error: 'is not text, expected a value in quotes' }),
);

const emptyDirSource = () => z.enum(['memory', 'disk']);

const pod = {
  env: env.prefault({}).describe('Environment variables of every lab.'),
  files: z.record(containerPath(), text()).prefault({}).describe('Files of every lab: path to content.'),
  secrets: z.array(labSecretSchema).prefault([]),
  pullSecret: nameOrNone().describe("A pull Secret in the controller's namespace, copied for each lab."),
  volumes: z.array(volumeSchema).prefault([]),
  volumeMounts: z.array(volumeMountSchema).prefault([]),
  initContainers: z.array(initContainerSchema).prefault([]),
  emptyDirSource: emptyDirSource().optional().describe('What /tmp is made of; default memory.'),
  tmpSource: superseded(emptyDirSource(), 'use lab.emptyDirSource'),
  nss: z
    .strictObject({
      basePasswd: text().prefault('root:x:0:0:root:/root:/bin/bash\n'),
      baseGroup: text().prefault('root:x:0\n'),
    })
    .prefault({}),
  labStartCommand: z.array(text()).prefault(['/opt/lsst/software/jupyterlab/runlab.sh']),
  jupyterlabConfigDir: text().prefault('/opt/lsst/software/jupyterlab'),
  runtimeMountsDir: text().prefault('/etc/nublado'),
  extraAnnotations: textMap().prefault({}).describe('Annotations of the lab pod.'),
};

const home = {
  homeVolumeName: text().optional().describe('Volume that holds homes; default home.'),
  standardInithome: flag().prefault(false).describe('Make home directories in an init container of ours.'),
  homedirPrefix: homedirPrefix.prefault('/home'),
  homedirSchema: z.enum(['username', 'initialThenUsername']).prefault('username'),
  homedirSuffix: homePath()
    .transform((suffix) => suffix.replace(/^\/+|\/+$/g, ''))
    .prefault(''),
};

export const labSchema = z.strictObject({
  namespacePrefix: filled().describe('A lab runs in the namespace PREFIX-USER.'),
  application: nameOrNone().describe('Argo CD application that shows the labs.'),
  sizes: z.array(labSizeSchema).check(notEmpty()).optional(),
  defaultSize: text().optional(),
  spawnTimeout: duration().prefault('10m'),
  deleteTimeout: duration().prefault('1m'),
  reconcileInterval: duration().prefault('5m'),
  activityInterval: duration().prefault('1h').describe('How often a lab tells the Hub that it is in use.'),
  namespaceAnnotations: textMap().prefault({}).describe('Values may hold {{uid}} and {{gid}}.'),
  ...pod,
  ...home,
  ...placement,
});
