import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Api, Thing } from './api.js';

const FOLDER = 'helm/berth/crds';
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Definition extends Thing {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Installs our CRDs as helm would and answers them as the server sees them, once they are established. */
export async function installCrds(api: Api): Promise<readonly Definition[]> {
  const files = await readdir(FOLDER);
  const wanted = await Promise.all(
    files.map(async (file) => parse(await readFile(join(FOLDER, file), 'utf8')) as Thing),
  );
  return Promise.all(wanted.map((crd) => installCrd(api, crd)));
}

/** Installs one definition, and answers it once it is established. */
export async function installCrd(api: Api, crd: Thing): Promise<Definition> {
  const { status, body } = await api.create(PATH, crd);
  // Another spec may have been first.
  if (status !== 201 && status !== 409) throw new Error(JSON.stringify(body));
  const { body: established } = await api.eventually<Definition>(
    `${PATH}/${crd.metadata.name}`,
    ({ body: seen }) => isEstablished(seen),
  );
  return established;
}

const isEstablished = ({ status }: Partial<Definition>): boolean =>
  status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') ?? false;
