import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../utility/support/tools.js';

const run = promisify(execFile);
const cache = join(process.cwd(), '.cache', 'utility');
const IMAGE = { repository: 'platform/berth-utility', tag: '1' };

/** What building the utility image, and speaking with what runs in it, takes that is not here. */
export const missingTools = (): readonly string[] =>
  ['go', 'buildah', 'apt-get', 'dpkg-deb', 'rclone', 'curl'].filter(
    (each) => findProgram(each) === undefined,
  );

/** Builds the utility image as everybody does, and pushes it to a registry that speaks plain HTTP. */
export async function pushUtilityImage(
  host: string,
): Promise<{ readonly repository: string; readonly tag: string }> {
  await run(join(process.cwd(), 'utility', 'build.sh'), []);
  const store = ['--root', join(cache, 'storage'), '--runroot', join(cache, 'run')];
  const repository = `${host}/${IMAGE.repository}`;
  await run(findProgram('buildah') ?? 'buildah', [
    ...['--storage-driver', 'vfs', ...store],
    ...['push', '--quiet', '--tls-verify=false'],
    ...['localhost/berth-utility:latest', `docker://${repository}:${IMAGE.tag}`],
  ]);
  return { repository, tag: IMAGE.tag };
}
