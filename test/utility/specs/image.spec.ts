import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { ARCHIVE, buildAndMount, runInContainer, startContainer } from '../support/image.js';
import { describeWith } from '../support/tools.js';

/** Any that no account has; not that of the other specs. */
const UID = 61_234;
const SIZE_LIMIT = 16 * 1024 ** 2;

describeWith(['root', 'buildah', 'runc', 'apt-get'], 'the built image', () => {
  let rootfs: string;
  beforeAll(() => {
    rootfs = buildAndMount();
  });

  it('is small, and saved as an archive that can be pushed', () => {
    expect(statSync(ARCHIVE).size).toBeLessThan(SIZE_LIMIT);
  });

  it('serves files as any user, on a read-only root, without any privilege, and ends on SIGTERM', async () => {
    const volume = temporaryFolder(UID);
    const container = await startContainer({
      rootfs,
      uid: UID,
      command: ['/usr/local/bin/worblehat'],
      env: { WORBLEHAT_DIR: '/mnt', WORBLEHAT_BASE_HREF: '/files/rachel', WORBLEHAT_TIMEOUT: '600' },
      volumes: { '/mnt/home': volume },
    });
    const url = `http://127.0.0.1:${container.port}/files/rachel`;
    await expect
      .poll(() =>
        fetch(url, { method: 'OPTIONS' }).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);

    const put = await fetch(`${url}/home/thesis`, { method: 'PUT', body: 'text' });
    const outside = await fetch(`${url}/elsewhere`, { method: 'PUT', body: 'text' });
    const removal = await fetch(`${url}/home`, { method: 'DELETE' });
    await container.signal('TERM');

    expect([put.status, outside.status, removal.status]).toEqual([201, 403, 403]);
    expect(await container.ended).toMatchObject({ code: 0 });
    expect(readFileSync(join(volume, 'thesis'), 'utf8')).toBe('text');
    expect(statSync(join(volume, 'thesis'))).toMatchObject({ uid: UID, gid: UID });
  });

  it('ends by itself with 0 when nobody works', async () => {
    const container = await startContainer({
      rootfs,
      uid: UID,
      command: ['/usr/local/bin/worblehat'],
      env: { WORBLEHAT_DIR: '/mnt', WORBLEHAT_TIMEOUT: '1' },
    });

    expect(await container.ended).toMatchObject({ code: 0 });
  });

  it("prepares a home as a lab's init containers do, in their order", async () => {
    const homes = temporaryFolder(0);
    const startup = temporaryFolder(UID);
    const pages = temporaryFolder(UID);
    writeFileSync(join(pages, 'welcome.md'), 'welcome');
    const env = {
      NUBLADO_HOME: '/home/rachel',
      NUBLADO_UID: String(UID),
      NUBLADO_GID: String(UID),
      CPU_LIMIT: '2.5',
    };
    const volumes = { '/mnt': homes };
    const atHome = { ...env, NUBLADO_HOME: '/mnt/rachel' };

    const inithome = await runInContainer({
      rootfs,
      uid: 0,
      command: ['nublado', 'inithome'],
      env: atHome,
      volumes,
      capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER'],
    });
    const landingpage = await runInContainer({
      rootfs,
      uid: UID,
      command: ['nublado', 'landingpage'],
      env: { ...atHome, CST_LANDING_PAGE_SRC_DIR: '/tmp', CST_LANDING_PAGE_FILES: 'welcome.md' },
      volumes: { ...volumes, '/tmp': pages },
    });
    const start = await runInContainer({
      rootfs,
      uid: UID,
      command: ['nublado', 'startup'],
      env: atHome,
      volumes: { ...volumes, '/etc/nublado/startup': startup },
    });

    expect([inithome.code, landingpage.code, start.code]).toEqual([0, 0, 0]);
    const home = join(homes, 'rachel');
    expect(statSync(home)).toMatchObject({ uid: UID, gid: UID, mode: 0o40700 });
    expect(readdirSync(home)).toEqual(
      expect.arrayContaining(['.bashrc', '.dir_colors', '.gitconfig', '.pythonrc']),
    );
    expect(readFileSync(join(home, 'notebooks/tutorials/welcome.md'), 'utf8')).toBe('welcome');
    expect(existsSync(join(home, '.ipython/profile_default/startup/20-logging.py'))).toBe(true);
    const read = (name: string) => JSON.parse(readFileSync(join(startup, name), 'utf8')) as unknown;
    expect(read('env.json')).toMatchObject({ HOME: '/mnt/rachel', USER: 'rachel', CPU_LIMIT: '2' });
    expect(read('args.json')).toContain('--notebook-dir=/mnt/rachel');
  });

  it('has what an administrator looks at homes with, and stays up by tail', async () => {
    const homes = temporaryFolder(0);
    mkdirSync(join(homes, 'rachel'));
    const script = [
      'set -e',
      'rsync -a /mnt/rachel/ /mnt/copy/',
      'setfacl -m u:1:r /mnt/copy && getfacl -c /mnt/copy',
      'find /mnt | sort; du -s /mnt; tar c /mnt | wc -c; ps; stat -c %U /mnt',
    ].join('\n');
    const tools = await runInContainer({
      rootfs,
      uid: 0,
      command: ['bash', '-c', script],
      volumes: { '/mnt': homes },
      capabilities: ['CAP_DAC_OVERRIDE', 'CAP_FOWNER'],
    });
    const standing = await startContainer({ rootfs, uid: 0, command: ['tail', '-f', '/dev/null'] });
    await expect.poll(async () => (await standing.signal('KILL')).code).toBe(0);

    expect(tools.code, tools.output).toBe(0);
    expect(tools.output).toContain('/mnt/copy\n');
    expect((await standing.ended).code).toBe(137);
  });
});
