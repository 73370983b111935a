import type { Api } from './api.js';

/** A namespace for one spec, ready for pods; the cluster is thrown away as a whole, so nobody deletes it. */
export async function freshNamespace(api: Api, prefix: string): Promise<string> {
  const { metadata } = await api.make('/api/v1/namespaces', {
    metadata: { generateName: `${prefix}-` },
  });
  await api.eventually(
    `/api/v1/namespaces/${metadata.name}/serviceaccounts/default`,
    ({ status }) => status === 200,
  );
  return metadata.name;
}
