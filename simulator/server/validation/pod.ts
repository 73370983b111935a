import type { FieldError } from '../field-error.js';
import { duplicate, forbiddenField, invalid, notFoundField, notSupported, required } from '../field-error.js';
import type { Fields, KubeObject } from '../objects.js';
import { clone, fieldsOf, isSame, recordsOf, textOf, wordOf } from '../objects.js';
import { nanosOf } from '../quantity.js';
import { labelErrors } from './names.js';
import { portNumberErrors } from './port.js';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PRINTABLE = /^[ -<>-~]+$/;
const ENV_NAME_TEXT =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";
const STANDARD_RESOURCE = /^(cpu|memory|ephemeral-storage|hugepages-.*|.*\/.*)$/;
const UPDATE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What Kubernetes refuses in a pod, as far as a client that builds pods by code can get it wrong. */
export function validatePod(pod: KubeObject, old?: KubeObject): FieldError[] {
  const errors = validatePodSpec(fieldsOf(pod['spec']), 'spec');
  return old && errors.length === 0 ? specUpdateErrors(pod, old) : errors;
}

export function validatePodSpec(spec: Fields, path: string): FieldError[] {
  const volumes = recordsOf(spec['volumes']);
  const names = volumes.map((volume) => textOf(volume['name']));
  const containers = recordsOf(spec['containers']);
  const seen = new Set<string>();
  const check = (list: string) => (container: Fields, index: number) =>
    containerErrors(container, { path: `${path}.${list}[${index}]`, seen, volumes: names });
  return [
    ...volumeErrors(volumes, `${path}.volumes`),
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...containers.flatMap(check('containers')),
    ...recordsOf(spec['initContainers']).flatMap(check('initContainers')),
    ...optionErrors(spec['restartPolicy'], RESTART_POLICIES, `${path}.restartPolicy`),
    ...optionErrors(spec['dnsPolicy'], DNS_POLICIES, `${path}.dnsPolicy`),
    ...hostNameErrors(textOf(spec['hostname']), `${path}.hostname`),
  ];
}

function volumeErrors(volumes: readonly Fields[], path: string): FieldError[] {
  const seen = new Set<string>();
  return volumes.flatMap((volume, index) => [
    ...volumeNameErrors(textOf(volume['name']), `${path}[${index}].name`, seen),
    ...Object.keys(volume)
      .filter((key) => key !== 'name')
      .sort((a, b) => Number(b === 'emptyDir') - Number(a === 'emptyDir'))
      .slice(1)
      .map((source) =>
        forbiddenField(`${path}[${index}].${source}`, 'may not specify more than 1 volume type'),
      ),
  ]);
}

function volumeNameErrors(name: string, field: string, seen: Set<string>): FieldError[] {
  if (name === '') return [required(field)];
  const errors = labelErrors(name).map((error) => invalid(field, name, error));
  if (seen.has(name)) errors.push(duplicate(field, name));
  seen.add(name);
  return errors;
}

interface Place {
  readonly path: string;
  readonly seen: Set<string>;
  readonly volumes: readonly string[];
}

function containerErrors(container: Fields, place: Place): FieldError[] {
  const { path } = place;
  return [
    ...containerNameErrors(textOf(container['name']), place),
    ...(textOf(container['image']) === '' ? [required(`${path}.image`)] : []),
    ...envErrors(recordsOf(container['env']), `${path}.env`),
    ...recordsOf(container['ports']).flatMap((port, index) =>
      portNumberErrors(port['containerPort'], `${path}.ports[${index}].containerPort`),
    ),
    ...mountErrors(recordsOf(container['volumeMounts']), place),
    ...optionErrors(container['imagePullPolicy'], PULL_POLICIES, `${path}.imagePullPolicy`),
    ...resourceErrors(fieldsOf(container['resources']), `${path}.resources`),
  ];
}

function containerNameErrors(name: string, { path, seen }: Place): FieldError[] {
  const field = `${path}.name`;
  if (name === '') return [required(field)];
  if (seen.has(name)) return [duplicate(field, name)];
  seen.add(name);
  return labelErrors(name).map((error) => invalid(field, name, error));
}

function hostNameErrors(name: string, path: string): FieldError[] {
  return name === '' ? [] : labelErrors(name).map((error) => invalid(path, name, error));
}

function envErrors(env: readonly Fields[], path: string): FieldError[] {
  return env.flatMap((one, index) => {
    const name = textOf(one['name']);
    if (name === '') return [required(`${path}[${index}].name`)];
    const errors = PRINTABLE.test(name) ? [] : [invalid(`${path}[${index}].name`, name, ENV_NAME_TEXT)];
    const hasBoth = textOf(one['value']) !== '' && one['valueFrom'] !== undefined;
    if (!hasBoth) return errors;
    return [
      ...errors,
      invalid(`${path}[${index}].valueFrom`, '', 'may not be specified when `value` is not empty'),
    ];
  });
}

function mountErrors(mounts: readonly Fields[], { path, volumes }: Place): FieldError[] {
  const seen = new Set<string>();
  return mounts.flatMap((mount, index) => {
    const field = `${path}.volumeMounts[${index}]`;
    const [name, at] = [textOf(mount['name']), textOf(mount['mountPath'])];
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`));
    else if (!volumes.includes(name)) errors.push(notFoundField(`${field}.name`, name));
    if (at === '') errors.push(required(`${field}.mountPath`));
    if (seen.has(at)) errors.push(invalid(`${field}.mountPath`, at, 'must be unique'));
    seen.add(at);
    return errors;
  });
}

function optionErrors(value: unknown, options: readonly string[], path: string): FieldError[] {
  return value === undefined || options.includes(textOf(value)) ? [] : [notSupported(path, value, options)];
}

function resourceErrors(resources: Fields, path: string): FieldError[] {
  const limits = fieldsOf(resources['limits']);
  const requests = fieldsOf(resources['requests']);
  const excess = Object.entries(requests).flatMap(([name, value]) => {
    const limit = limits[name];
    if (limit === undefined || nanosOf(value) <= nanosOf(limit)) return [];
    return [
      invalid(`${path}.requests`, value, `must be less than or equal to ${name} limit of ${wordOf(limit)}`),
    ];
  });
  return [
    ...amountErrors(limits, `${path}.limits`),
    ...amountErrors(requests, `${path}.requests`),
    ...excess,
  ];
}

function amountErrors(amounts: Fields, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, value]) => {
    const field = `${path}[${name}]`;
    const errors = STANDARD_RESOURCE.test(name)
      ? []
      : [
          'must be a standard resource type or fully qualified',
          'must be a standard resource for containers',
        ].map((text) => invalid(field, name, text));
    if (nanosOf(value) < 0n) errors.push(invalid(field, value, 'must be greater than or equal to 0'));
    return errors;
  });
}

/** Of a pod's spec only images, deadline and further tolerations may change; the scheduler's binding is another path. */
function specUpdateErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const [next, before] = [clone(fieldsOf(pod['spec'])), clone(fieldsOf(old['spec']))];
  const added = recordsOf(next['tolerations']);
  const kept = recordsOf(before['tolerations']).every((one) => added.some((other) => isSame(one, other)));
  for (const spec of [next, before]) {
    for (const list of ['containers', 'initContainers']) {
      for (const container of recordsOf(spec[list])) delete container['image'];
    }
    delete spec['activeDeadlineSeconds'];
    if (kept) delete spec['tolerations'];
  }
  return isSame(next, before) ? [] : [forbiddenField('spec', UPDATE_TEXT)];
}
