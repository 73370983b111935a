import type { Group } from '../case.js';
import { create } from './create.cases.js';
import { custom } from './custom.cases.js';
import { deletion } from './delete.cases.js';
import { kinds, leases } from './kinds.cases.js';
import { list } from './list.cases.js';
import { namespaces } from './namespaces.cases.js';
import { owned } from './owners.cases.js';
import { patch } from './patch.cases.js';
import { pods } from './pods.cases.js';
import { quota, sizes } from './quota.cases.js';
import { update } from './update.cases.js';
import { access, discovery, views } from './views.cases.js';
import { watch } from './watch.cases.js';

/** Every question that both servers must answer alike. */
export const GROUPS: readonly Group[] = [
  create,
  update,
  patch,
  deletion,
  list,
  watch,
  custom,
  namespaces,
  owned,
  quota,
  sizes,
  pods,
  kinds,
  leases,
  views,
  access,
  discovery,
];
