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

describe('neededRights', () => {
  it('asks at start for nothing that the manifest does not grant', () => {
    const roles = parseAllDocuments(readFileSync('helm/berth/files/rbac.yaml', 'utf8')).map(
      (document) => document.toJS() as Role,
    );
    const grants = (
      kind: string,
      { group, resource, verb }: { group: string; resource: string; verb: string },
    ) =>
      roles
        .filter((role) => role.kind === kind)
        .flatMap((role) => role.rules ?? [])
        .some(
          (rule) =>
            rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
        );

    const settings = fileSettings();
    const missing = (['gafaelfawr', 'ingress', 'httproute'] as const)
      .flatMap((publish) => {
        const fileservers = { ...settings.berth.fileservers, publish };
        return neededRights('berth', { ...settings, berth: { ...settings.berth, fileservers } });
      })
      .filter(
        (need) => !grants('ClusterRole', need) && (need.namespace === undefined || !grants('Role', need)),
      );

    expect(missing).toEqual([]);
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
