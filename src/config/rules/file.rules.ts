import { ADMISSION_DEADLINE } from '../../common/deadline.js';
import { isWithin } from '../../common/path.js';
import { berthSchema } from '../berth.schema.js';
import { eachRepeated } from '../cursor.js';
import type { Cursor, Rule } from '../cursor.js';
import { HEALTH_PATH, OWN_PATHS } from '../reserved.js';
import { pathPrefix } from '../values.js';
import { isTrue } from './lab.rules.js';

/** Metrics by Kafka are not built; a disabled section says nothing that is lost. */
export const kafkaMetrics: Rule = (file, tell) => {
  const metrics = file.at('metrics');
  if (!metrics.exists || (metrics.at('enabled').exists && !isTrue(metrics.at('enabled')))) return;
  tell.warning(
    metrics,
    'is ignored because metrics are not sent to Kafka, expected Prometheus to read berth.metrics.port',
  );
};

/** Whoever set it had watches that stalled, and should know what becomes of those here. */
export const watchLife: Rule = (file, tell) => {
  const at = file.at('watchReconnectTimeout');
  if (!at.exists) return;
  tell.warning(
    at,
    'is not used: a watch is opened anew after 90 s without a sign of life, and after five minutes at most; expected nothing',
  );
};

export const wayBack: Rule = (file, tell) => {
  if (!file.at('fsadmin').exists) {
    tell.warning(
      file.at('fsadmin'),
      'is missing, which a Nublado controller of today would refuse, expected fsadmin: {}',
    );
  }
};

export const fileserverNeeds: Rule = (file, tell) => {
  const fileserver = file.at('fileserver');
  if (!isTrue(fileserver.at('enabled')) || fileserver.at('namespace').exists) return;
  const expected = 'expected the name of an existing namespace because file servers are enabled';
  tell.problem(fileserver.at('namespace'), `is missing, ${expected}`);
};

/** What each way of publication cannot do without. */
export const fileserverPublication: Rule = (file, tell) => {
  const fileservers = file.at('berth', 'fileservers');
  const publish = fileservers.at('publish').text ?? 'gafaelfawr';
  if (!isTrue(file.at('fileserver', 'enabled')) || publish === 'gafaelfawr') return;
  const needed = [fileservers.at('verifyUrl')];
  if (publish === 'httproute') needed.push(fileservers.at('gateway', 'name'));
  for (const at of needed.filter(({ exists }) => !exists)) {
    tell.problem(at, `is missing, expected it because berth.fileservers.publish is ${publish}`);
  }
};

/** Where two routes would be one the start fails, or nobody meets the one that loses. */
export const pathPrefixes: Rule = (file, tell) => {
  const [api, files] = [file.at('pathPrefix'), file.at('fileserver', 'pathPrefix')];
  const prefix = prefixAt(api, '/nublado');
  // The page of files is there, too, while nobody has files.
  const page = prefixAt(files, '/files');
  for (const [at, path] of [
    [api, prefix],
    [files, page],
  ] as const) {
    if (path !== undefined && isWithin(path, HEALTH_PATH))
      tell.problem(at, `is where health is asked for, expected a path outside of ${HEALTH_PATH}`);
  }
  if (prefix === undefined || page === undefined) return;
  const taken =
    page === prefix ? page : OWN_PATHS.map((own) => `${prefix}/${own}`).find((own) => isWithin(page, own));
  if (taken === undefined) return;
  if (files.exists) tell.problem(files, `is where the API answers (${taken}), expected another path`);
  else tell.problem(api, `makes the API answer where the page of files is (${page}), expected another path`);
};

const prefixAt = (at: Cursor, otherwise: string): string | undefined =>
  at.exists ? pathPrefix().safeParse(at.value).data : otherwise;

/** A file server namespace that looks like a lab's would be some user's lab namespace. */
export const fileserverNamespace: Rule = (file, tell) => {
  const at = file.at('fileserver', 'namespace');
  const prefix = file.at('lab', 'namespacePrefix').text;
  if (prefix === undefined || at.text?.startsWith(`${prefix}-`) !== true) return;
  tell.warning(at, 'begins like the namespaces of labs, expected a name that no lab can get');
};

export const developmentUsers: Rule = (file, tell) => {
  const auth = file.at('berth', 'auth');
  const users = auth.at('development', 'users');
  for (const key of ['username', 'token']) {
    const values = users.items().map((user) => user.at(key));
    eachRepeated(values, (at) => tell.problem(at, `is given to two users, expected each ${key} once`));
  }
  if (auth.at('provider').text === 'development' && users.items().length === 0) {
    tell.problem(users, 'is empty, expected at least one user because the provider is development');
  }
};

export const lanes: Rule = (file, tell) => {
  const names = file
    .at('berth', 'queue', 'lanes')
    .items()
    .map((lane) => lane.at('name'));
  eachRepeated(names, (name) => tell.problem(name, 'is the name of two lanes, expected each name once'));
  for (const name of names) {
    if (name.text === 'default') tell.problem(name, 'is the lane of everybody else, expected another name');
  }
};

/** Of two leaders, the one before must have ended its last write when the next one begins. */
export const leaseOutlastsWrites: Rule = (file, tell) => {
  const at = file.at('berth', 'lease');
  const lease = berthSchema.shape.lease.safeParse(at.value).data;
  if (!lease || lease.duration - lease.renewDeadline > ADMISSION_DEADLINE) return;
  tell.warning(
    at,
    'lets a new leader begin before the last write of the old one has ended, expected duration more than 11 s above renewDeadline',
  );
};
