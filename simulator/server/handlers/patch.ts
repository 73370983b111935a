import { ApiError, badRequest, notFound, unsupportedMediaType } from '../api-error.js';
import { mediaType } from '../http/body.js';
import type { Reply } from '../http/request.js';
import type { Fields, KubeObject } from '../objects.js';
import { isFields } from '../objects.js';
import { applyJsonPatch } from '../patches/json-patch.js';
import { mergePatch } from '../patches/merge-patch.js';
import { strategicMerge } from '../patches/strategic-merge.js';
import { parse } from '../store/entry.js';
import { shapeObject } from './decode.js';
import type { Target } from './target.js';
import { changeObject, checkName, checkVersion, findEntry } from './update.js';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

/** PATCH in any of the three forms; server-side apply is not spoken here (415). */
export function patchObject(target: Target): Reply {
  const { resource, path } = target;
  const apply = patcherOf(target);
  const existing = findEntry(target);
  if (!existing) throw notFound(resource, path.name);
  const current = parse(existing);
  const shown = resource.fromStored?.(current) ?? current;
  const patched = apply(shown);
  const object = shapeObject(resource, path, patched, target.request);
  checkName(target, object);
  checkVersion(target, object, existing);
  return changeObject(target, object, existing);
}

/** What it returns takes an object that is nobody else's, and may change it. */
function patcherOf({ request, resource }: Target): (object: KubeObject) => Fields {
  const type = mediaType(request.contentType);
  const accepted = [JSON_PATCH, MERGE_PATCH, resource.builtin ? STRATEGIC_PATCH : APPLY_PATCH];
  if (type === JSON_PATCH) return jsonPatcher(parsePatch(request.body));
  const isStrategic = type === STRATEGIC_PATCH && resource.builtin;
  if (type !== MERGE_PATCH && !isStrategic) {
    const isKnown = type === STRATEGIC_PATCH || type === APPLY_PATCH;
    throw isKnown
      ? unsupportedMediaType(accepted)
      : new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  const patch = parsePatch(request.body);
  if (!isFields(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return (object) => asFields(isStrategic ? strategicMerge(object, patch) : mergePatch(object, patch));
}

function jsonPatcher(patch: unknown): (object: KubeObject) => Fields {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  return (object) => asFields(applyJsonPatch(object, patch));
}

function parsePatch(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function asFields(value: unknown): Fields {
  if (isFields(value)) return value;
  throw badRequest('the patch leaves no object');
}
