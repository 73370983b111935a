import type * as Collector from '../../../simulator/actors/graph.js';
import type * as Lifecycle from '../../../simulator/server/admission/namespace-lifecycle.js';
import type * as PodAdmission from '../../../simulator/server/admission/pod-admission.js';
import type * as Quota from '../../../simulator/server/admission/quota.js';
import type * as Decode from '../../../simulator/server/handlers/decode.js';
import type * as DeleteOptions from '../../../simulator/server/handlers/delete-options.js';
import type * as Reviews from '../../../simulator/server/handlers/reviews.js';
import type * as Update from '../../../simulator/server/handlers/update.js';
import type * as Request from '../../../simulator/server/http/request.js';
import type * as JsonPatch from '../../../simulator/server/patches/json-patch.js';
import type * as MergePatch from '../../../simulator/server/patches/merge-patch.js';
import type * as Strategic from '../../../simulator/server/patches/strategic-merge.js';
import type * as Suffix from '../../../simulator/server/suffix.js';
import type * as Config from '../../../simulator/server/validation/config.js';
import type * as Metadata from '../../../simulator/server/validation/metadata.js';
import { defect, withError, type Defect } from './defect.js';

const JSON_PATCH = 'server/patches/json-patch.ts';
const DELETE_OPTIONS = 'server/handlers/delete-options.ts';
const LIFECYCLE = 'server/admission/namespace-lifecycle.ts';
const QUOTA = 'server/admission/quota.ts';
const CONFIG = 'server/validation/config.ts';
const GRAPH = 'actors/graph.ts';
const ENDING = 'nothing is created in a namespace that ends: 403 with the cause NamespaceTerminating';
const EXCEEDED = 'a pod beyond the quota is 403 and says what was asked, used and allowed';

type Applying = Parameters<typeof JsonPatch.applyJsonPatch>;
type Reading = Parameters<typeof DeleteOptions.readDeleteOptions>;

/** Lies about creates, changes, deletions and what watches over them. */
export const writeDefects: readonly Defect[] = [
  defect<typeof JsonPatch>(
    'a failed test is 409 instead of 422',
    JSON_PATCH,
    ['patch', 'a test that fails is 422 and changes nothing'],
    ({ applyJsonPatch }) => ({
      applyJsonPatch: (...args: Applying) =>
        withError(() => applyJsonPatch(...args), { code: 409, reason: 'Conflict' }),
    }),
  ),
  defect<typeof JsonPatch>(
    'the tests of a patch are passed over',
    JSON_PATCH,
    ['patch', 'a test of the uid and of the version'],
    ({ applyJsonPatch }) => ({
      applyJsonPatch: (...[document, operations]: Applying) =>
        applyJsonPatch(
          document,
          operations.filter((each) => !JSON.stringify(each).includes('"test"')),
        ),
    }),
  ),
  defect<typeof MergePatch>(
    'a merge patch removes nothing',
    'server/patches/merge-patch.ts',
    ['patch', 'a merge patch changes and removes'],
    ({ mergePatch }) => ({
      mergePatch: (target: unknown, patch: unknown) =>
        mergePatch(target, JSON.parse(JSON.stringify(patch).replaceAll('null', '{}'))),
    }),
  ),
  defect<typeof Strategic>(
    'a strategic patch replaces lists',
    'server/patches/strategic-merge.ts',
    ['patch', 'a strategic patch finds containers by name'],
    () => ({ strategicMerge: (target: object, patch: object) => ({ ...target, ...patch }) }),
  ),
  defect<typeof Update>(
    'a stale version overwrites',
    'server/handlers/update.ts',
    ['patch', 'a patch with an older version is 409, with another uid too'],
    () => ({ checkVersion: () => undefined }),
  ),
  defect<typeof DeleteOptions>(
    'the uid of a precondition is not looked at',
    DELETE_OPTIONS,
    ['delete', 'a delete with the uid of another life is 409 and deletes nothing'],
    ({ readDeleteOptions }) => ({
      readDeleteOptions: (...args: Reading) => ({ ...readDeleteOptions(...args), uid: undefined }),
    }),
  ),
  defect<typeof DeleteOptions>(
    'a pod has no grace',
    DELETE_OPTIONS,
    ['delete', 'a pod on a node gets its grace, which can be shortened and not prolonged'],
    ({ readDeleteOptions }) => ({
      readDeleteOptions: (...args: Reading) => ({ ...readDeleteOptions(...args), graceSeconds: 0 }),
    }),
  ),
  defect<typeof DeleteOptions>(
    'a propagation policy is forgotten',
    DELETE_OPTIONS,
    ['delete', 'a propagation policy becomes a finalizer'],
    ({ readDeleteOptions }) => ({
      readDeleteOptions: (...args: Reading) => ({ ...readDeleteOptions(...args), propagation: undefined }),
    }),
  ),
  defect<typeof Decode>(
    'a finalizer does not hold',
    'server/handlers/decode.ts',
    ['delete', 'a finalizer holds the object back, and its removal lets it go'],
    ({ decodeObject }) => ({
      decodeObject: (...args: Parameters<typeof Decode.decodeObject>) => {
        const object = decodeObject(...args);
        delete object.metadata.finalizers;
        return object;
      },
    }),
  ),
  defect<typeof Metadata>(
    'what is being deleted gets new finalizers',
    'server/validation/metadata.ts',
    ['delete', 'what is being deleted can be changed, but gets no new finalizer and no new life'],
    ({ validateMetadataUpdate }) => ({
      validateMetadataUpdate: (...args: Parameters<typeof Metadata.validateMetadataUpdate>) =>
        validateMetadataUpdate(...args).filter(({ field }) => field !== 'metadata.finalizers'),
    }),
  ),
  defect<typeof Request>(
    'a dry run is stored',
    'server/http/request.ts',
    ['create', 'a dry run answers like a create and stores nothing'],
    () => ({ isDryRun: () => false }),
  ),
  defect<typeof Suffix>(
    'a generated name spells words',
    'server/suffix.ts',
    ['create', 'a name is made from generateName'],
    () => ({ randomSuffix: () => 'aeiou' }),
  ),
  defect<typeof Lifecycle>(
    'a namespace that ends takes new objects',
    LIFECYCLE,
    ['namespaces', ENDING],
    () => ({ admitNamespaceLifecycle: () => undefined }),
  ),
  defect<typeof Lifecycle>(
    'a namespace that ends does not say why',
    LIFECYCLE,
    ['namespaces', ENDING],
    ({ admitNamespaceLifecycle }) => ({
      admitNamespaceLifecycle: (...args: Parameters<typeof Lifecycle.admitNamespaceLifecycle>) =>
        withError(() => admitNamespaceLifecycle(...args), { details: {} }),
    }),
  ),
  defect<typeof Quota>('a quota holds nobody back', QUOTA, ['quota', EXCEEDED], () => ({
    enforceQuota: () => undefined,
  })),
  defect<typeof Quota>('a quota refuses without figures', QUOTA, ['quota', EXCEEDED], ({ enforceQuota }) => ({
    enforceQuota: (...args: Parameters<typeof Quota.enforceQuota>) =>
      withError(() => enforceQuota(...args), { message: 'exceeded quota' }),
  })),
  defect<typeof Config>(
    'what is immutable changes',
    CONFIG,
    ['update', 'immutable ConfigMaps and Secrets stay as they are'],
    ({ validateConfigMap }) => ({ validateConfigMap: (object: Decoded) => validateConfigMap(object) }),
  ),
  defect<typeof Config>(
    'a ConfigMap of any size is stored',
    CONFIG,
    ['sizes', 'a ConfigMap holds one mebibyte'],
    () => ({ validateConfigMap: () => [] }),
  ),
  defect<typeof PodAdmission>(
    'a pod needs no service account',
    'server/admission/pod-admission.ts',
    ['pods', 'a service account that is not there is 403'],
    () => ({ admitPod: () => undefined }),
  ),
  defect<typeof Reviews>(
    'nobody can ask what they may do',
    'server/handlers/reviews.ts',
    ['access', 'somebody asks what they may do'],
    () => ({ answerReview: () => undefined }),
  ),
  defect<typeof Collector>(
    'an owner in another namespace keeps what it claims',
    GRAPH,
    ['owners', 'what an owner in another namespace claims to hold is collected, the owner stays', 'silence'],
    ({ OwnerGraph }) => ({
      OwnerGraph: class extends OwnerGraph {
        override knows(): boolean {
          return true;
        }
      },
    }),
  ),
  defect<typeof Collector>(
    'what an owner held stays behind',
    GRAPH,
    ['owners', 'what an owner in its namespace holds goes with it', 'silence'],
    ({ OwnerGraph }) => ({
      OwnerGraph: class extends OwnerGraph {
        override dependentsOf(): never[] {
          return [];
        }
      },
    }),
  ),
];

type Decoded = Parameters<typeof Config.validateConfigMap>[0];
