import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from './command.js';

const DEFAULTS = {
  configPath: '/etc/nublado/config.yaml',
  extraPath: undefined,
  host: undefined,
  port: 8080,
  kubeconfig: undefined,
};

const message = (argv: string[], env: Record<string, string> = {}): string => {
  const command = parseCommand(argv, env);
  return command.kind === 'problem' ? command.message : `no problem: ${command.kind}`;
};

describe('parseCommand', () => {
  it('serves when nothing is said', () => {
    expect(parseCommand([], {})).toEqual({ kind: 'serve', options: DEFAULTS });
    expect(parseCommand(['serve'], {})).toEqual({ kind: 'serve', options: DEFAULTS });
  });

  it('takes settings from flags in both forms', () => {
    const argv = ['serve', '--config', 'a.yaml', '--berth-config=b=c.yaml', '--host', '::1', '--port=0'];

    expect(parseCommand(argv, {})).toEqual({
      kind: 'serve',
      options: { ...DEFAULTS, configPath: 'a.yaml', extraPath: 'b=c.yaml', host: '::1', port: 0 },
    });
  });

  it('takes settings from variables, over which flags win', () => {
    const env = {
      BERTH_CONFIG: 'env.yaml',
      BERTH_EXTRA_CONFIG: 'x.yaml',
      BERTH_HOST: '::',
      BERTH_PORT: '81',
      KUBECONFIG: 'k',
    };

    expect(parseCommand(['--port', '82'], env)).toEqual({
      kind: 'serve',
      options: { configPath: 'env.yaml', extraPath: 'x.yaml', host: '::', port: 82, kubeconfig: 'k' },
    });
  });

  it('ignores the BERTH_PORT that Kubernetes sets for a Service called berth', () => {
    expect(parseCommand([], { BERTH_PORT: 'tcp://10.0.0.7:80' })).toEqual({
      kind: 'serve',
      options: DEFAULTS,
    });
  });

  it('understands config check', () => {
    expect(parseCommand(['config', 'check', 'a.yaml'], {})).toEqual({
      kind: 'configCheck',
      file: 'a.yaml',
      extra: undefined,
    });
    expect(parseCommand(['config', 'check', 'a.yaml', '--berth-config', 'b.yaml'], {})).toEqual({
      kind: 'configCheck',
      file: 'a.yaml',
      extra: 'b.yaml',
    });
  });

  it('understands questions to a cluster', () => {
    expect(parseCommand(['config', 'check', 'a.yaml', '--cluster'], { KUBECONFIG: 'k' })).toEqual({
      kind: 'clusterCheck',
      file: 'a.yaml',
      extra: undefined,
      kubeconfig: 'k',
    });
    expect(parseCommand(['adopt', '--dry-run', '--config', 'a.yaml'], {})).toEqual({
      kind: 'adoptionRehearsal',
      file: 'a.yaml',
      extra: undefined,
      kubeconfig: undefined,
    });
  });

  it('understands resume-removals', () => {
    expect(parseCommand(['resume-removals'], { KUBECONFIG: 'k' })).toEqual({
      kind: 'resumeRemovals',
      kubeconfig: 'k',
    });
  });

  it.each([
    [['help'], 'help'],
    [['-h'], 'help'],
    [['serve', '--help'], 'help'],
    [['config', 'check', '--help'], 'help'],
    [['version'], 'version'],
    [['-V'], 'version'],
    [['--version'], 'version'],
  ])('understands %j', (argv, kind) => {
    expect(parseCommand(argv, {})).toEqual({ kind });
  });

  it.each([
    [
      ['run'],
      '"run" is not a command of berth, expected serve, config check, adopt, images, prepull status, resume-removals, help or version',
    ],
    [['serve', 'now'], '"now" is one word too many, expected what berth help shows'],
    [
      ['--prot', '80'],
      '--prot is not a flag of berth, expected one of --config, --berth-config, --host, --port, --url, --user, --cluster, --dry-run, --help',
    ],
    [['--port'], '--port has no value, expected one after it'],
    [['--config='], '--config has no value, expected one after it'],
    [['--port', '65536'], '--port is not a port, expected a number from 0 to 65535'],
    [['--port=http'], '--port is not a port, expected a number from 0 to 65535'],
    [['resume-removals', '--port=1'], '--port means nothing to resume-removals, expected no flag'],
    [['resume-removals', 'now'], '"now" is one word too many, expected what berth help shows'],
    [['config'], '"config" alone does nothing, expected berth config check FILE'],
    [['config', 'check'], '"config check" has no file, expected berth config check FILE'],
    [['config', 'check', 'a', 'b'], '"b" is one word too many, expected what berth help shows'],
    [
      ['config', 'check', 'a', '--port=1'],
      '--port means nothing to config check, expected at most --berth-config FILE and --cluster',
    ],
    [['adopt'], '"adopt" only shows what would be adopted, expected berth adopt --dry-run'],
    [['adopt', '--dry-run', 'now'], '"now" is one word too many, expected what berth help shows'],
    [
      ['adopt', '--dry-run', '--port=1'],
      '--port means nothing to adopt, expected at most --config and --berth-config',
    ],
    [
      ['prepull', 'status', '--dry-run'],
      '--dry-run means nothing to prepull status, expected at most --url URL and --user NAME',
    ],
    [['serve', '--dry-run'], '--dry-run means nothing to serve, expected no such flag'],
  ])('answers %j with a sentence', (argv, sentence) => {
    expect(message(argv)).toBe(sentence);
  });

  it('names the variable whose port is wrong', () => {
    expect(message([], { BERTH_PORT: '-1' })).toBe(
      'BERTH_PORT is not a port, expected a number from 0 to 65535',
    );
  });

  it('understands or refuses every command line, and never throws', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'serve',
        'resume-removals',
        'config',
        'check',
        '--port',
        '--config',
        '-h',
        '--=',
        '-',
        '--',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(word),
        fc.dictionary(fc.constantFrom('BERTH_PORT', 'BERTH_CONFIG'), fc.string()),
        (argv, env) => {
          expect(['serve', 'configCheck', 'resumeRemovals', 'help', 'version', 'problem']).toContain(
            parseCommand(argv, env).kind,
          );
        },
      ),
    );
  });

  it('lists and explains images by the files that serve would read', () => {
    const images = { tag: undefined, configPath: '/etc/nublado/config.yaml', extraPath: undefined };

    expect(parseCommand(['images', 'list'], {})).toEqual({ kind: 'images', options: images });
    expect(
      parseCommand(['images', 'explain', 'w_2077_44', '--config', 'a.yaml'], {
        BERTH_EXTRA_CONFIG: 'b.yaml',
      }),
    ).toEqual({
      kind: 'images',
      options: { tag: 'w_2077_44', configPath: 'a.yaml', extraPath: 'b.yaml' },
    });
  });

  it.each([
    [['images'], 'alone does nothing'],
    [['images', 'drop'], 'alone does nothing'],
    [['images', 'explain'], 'has no tag'],
    [['images', 'list', 'x'], 'one word too many'],
    [['images', 'explain', 'x', 'y'], 'one word too many'],
    [['images', 'list', '--port', '1'], 'means nothing to images'],
  ])('refuses %j', (argv, said) => {
    expect(message(argv)).toContain(said);
  });
});
