import type { FieldError } from '../field-error.js';
import { invalid, required } from '../field-error.js';
import type { KubeObject } from '../objects.js';
import { ensureFields, fieldsOf, recordsOf, setDefault, textOf } from '../objects.js';
import type { Strategy } from '../resources/resource.js';

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** Storage rules of CustomResourceDefinitions; what they define is served by the CRD controller. */
export const crdStrategy: Partial<Strategy> = {
  generation: true,
  unconditionalUpdate: false,
  statusSubresource: true,
  complete: (crd) => {
    const spec = ensureFields(crd, 'spec');
    const names = ensureFields(spec, 'names');
    setDefault(names, 'singular', textOf(names['kind']).toLowerCase());
    setDefault(names, 'listKind', `${textOf(names['kind'])}List`);
    setDefault(spec, 'conversion', { strategy: 'None' });
  },
  create: (crd) => {
    const versions = recordsOf(fieldsOf(crd['spec'])['versions']);
    const stored = versions
      .filter((version) => version['storage'] === true)
      .map((version) => version['name']);
    crd['status'] = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: stored };
  },
  validate: validateCrd,
};

function validateCrd(crd: KubeObject): FieldError[] {
  const spec = fieldsOf(crd['spec']);
  const names = fieldsOf(spec['names']);
  const versions = recordsOf(spec['versions']);
  const wanted = `${textOf(names['plural'])}.${textOf(spec['group'])}`;
  const errors: FieldError[] = [];
  if (crd.metadata.name !== wanted) {
    errors.push(invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (textOf(spec['group']) === '') errors.push(required('spec.group'));
  if (textOf(names['kind']) === '') errors.push(required('spec.names.kind'));
  if (spec['scope'] === undefined) errors.push(required('spec.scope'));
  const stored = versions.filter((version) => version['storage'] === true);
  if (stored.length !== 1) {
    errors.push(
      invalid(
        'spec.versions',
        versions.map((one) => one['name']),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  return [...errors, ...versions.flatMap(schemaMissing)];
}

function schemaMissing(version: Record<string, unknown>, index: number): FieldError[] {
  if (fieldsOf(version['schema'])['openAPIV3Schema'] !== undefined) return [];
  return [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')];
}
