import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fileSettings } from '../test/support/file-room.js';
import { describeMissing, neededRights } from './start-rights.js';

interface Role {
  readonly kind: string;
  readonly rules?: readonly {
    readonly apiGroups: string[];
    readonly resources: string[];
    readonly verbs: string[];
  }[];
}

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

const roles = parseAllDocuments(readFileSync('helm/berth/files/rbac.yaml', 'utf8')).map(
  (document) => document.toJS() as Role,
);

/** What is asked for in any way of publishing file servers. */
const needed = (['gafaelfawr', 'ingress', 'httproute'] as const).flatMap((publish) => {
  const settings = fileSettings();
  const fileservers = { ...settings.berth.fileservers, publish };
  return neededRights('berth', { ...settings, berth: { ...settings.berth, fileservers } });
});

describe('neededRights', () => {
  it('asks at start for nothing that the manifest does not grant', () => {
    const grants = (kind: string, { group, resource, verb }: Right) =>
      roles
        .filter((role) => role.kind === kind)
        .flatMap((role) => role.rules ?? [])
        .some(
          (rule) =>
            rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
        );

    const missing = needed.filter(
      (need) => !grants('ClusterRole', need) && (need.namespace === undefined || !grants('Role', need)),
    );

    expect(missing).toEqual([]);
  });

  it('asks for all that it grants, but what the check of CRDs tells of and what only fsadmin needs', () => {
    const name = ({ group, resource, verb }: Right): string => `${verb} ${resource}.${group}`;
    const asked = new Set(needed.map(name));

    const rules = roles.flatMap((role) => role.rules ?? []);
    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => name({ group, resource, verb }))),
      ),
    );

    expect([...new Set(granted)].filter((right) => !asked.has(right))).toEqual([
      'get customresourcedefinitions.apiextensions.k8s.io',
      'list persistentvolumeclaims.',
    ]);
  });
});

describe('describeMissing', () => {
  it('names all verbs of one resource in one sentence', () => {
    const labs = { group: 'berth.dev', namespace: 'berth' };

    expect(
      describeMissing([
        { verb: 'list', group: '', resource: 'pods' },
        { verb: 'watch', group: '', resource: 'pods' },
        { verb: 'patch', resource: 'labs/status', ...labs },
      ]),
    ).toEqual([
      'Not allowed to list, watch pods in all namespaces',
      'Not allowed to patch labs.berth.dev/status in namespace berth',
    ]);
  });
});
