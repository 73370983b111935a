import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a text where a configuration file may be read from; returns its path. */
export function aFile(content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'berth-config-')), 'config.yaml');
  writeFileSync(path, content);
  return path;
}

/** The least that today's controller accepts, as lines; `more` is put below `lab:`, `top` at the end. */
export function aConfigText(more: readonly string[] = [], top: readonly string[] = []): string {
  const lines = [
    'images:',
    '  source: {type: docker, repository: berth/lab}',
    'fsadmin: {}',
    'lab:',
    '  namespacePrefix: userlabs',
    '  volumes:',
    '    - {name: home, source: {type: nfs, server: nfs.example.org, serverPath: /home}}',
    '  sizes:',
    '    - {size: small, resources: {limits: {cpu: 1, memory: 4Gi}, requests: {cpu: 0.5, memory: 1Gi}}}',
    ...more.map((line) => `  ${line}`),
    ...top,
  ];
  return `${lines.join('\n')}\n`;
}
