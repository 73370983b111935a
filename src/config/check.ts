import { berthSchema } from './berth.schema.js';
import { Cursor } from './cursor.js';
import { fileSchema } from './file.schema.js';
import type { ConfigFile } from './file.schema.js';
import { describeIssue, findingsOf } from './issues.js';
import { emptyMap, isMap, Places } from './places.js';
import type { ConfigRoot } from './places.js';
import { ConfigError, printPath } from './problems.js';
import type { ConfigPath, ConfigRemark } from './problems.js';
import { RULES } from './rules/index.js';
import { Spelling } from './spelling.js';
import type { SpelledKey } from './spelling.js';
import { flag } from './values.js';
import { readYaml } from './yaml-file.js';

/** What reading the files gave: the content if there is no problem, and all that was noticed. */
export interface CheckedFiles {
  readonly content: ConfigFile | undefined;
  readonly problems: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
}

/** Reads and judges the configuration file and, if given, the second file. Never throws for what they hold. */
export function checkFiles(configPath: string, extraPath?: string): CheckedFiles {
  return new FileCheck().run(configPath, extraPath);
}

class FileCheck {
  private readonly places = new Places();
  private readonly problems: ConfigRemark[] = [];
  private readonly warnings: ConfigRemark[] = [];
  private readonly spelling = new Spelling(this.places, {
    problem: (key, message) => this.problems.push(this.spelled(key, message)),
    warning: (key, message) => this.warnings.push(this.spelled(key, message)),
  });

  run(configPath: string, extraPath: string | undefined): CheckedFiles {
    const main = this.read(configPath);
    const extra = extraPath === undefined ? undefined : this.read(extraPath);
    const root = main && this.mainRoot(main);
    const content = root && this.judge(this.withExtra(root, extra));
    const accepted = this.problems.length > 0 ? undefined : content;
    return { content: accepted, problems: inOrder(this.problems), warnings: inOrder(this.warnings) };
  }

  private spelled(key: SpelledKey, message: string): ConfigRemark {
    return { file: key.place?.file ?? '', line: key.place?.line ?? 1, path: printPath(key.path), message };
  }

  private read(file: string): ConfigRoot | undefined {
    try {
      return readYaml(file, this.places);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  private mainRoot({ file, value }: ConfigRoot): ConfigRoot | undefined {
    if (isMap(value))
      return { file, value: this.spelling.normalise(fileSchema, this.withoutDisabled(value)) };
    const what = value === null ? 'is empty' : 'does not consist of keys';
    this.problem({ file, value }, [], `${what}, expected a configuration with the keys images and lab`);
    return undefined;
  }

  /** What a disabled file server section holds is not looked at (contract 3); its old image key is told about. */
  private withoutDisabled(root: Record<string, unknown>): Record<string, unknown> {
    const section = root['fileserver'];
    if (!isMap(section) || flag().safeParse(section['enabled']).data === true) return root;
    const kept = emptyMap();
    for (const key of ['enabled', 'image']) {
      if (!(key in section)) continue;
      kept[key] = section[key];
      this.places.copy({ container: section, key }, { container: kept, key });
    }
    root['fileserver'] = kept;
    return root;
  }

  /** The second file wins key by key. It holds `berth:`, or what would stand below it. */
  private withExtra(root: ConfigRoot, extra: ConfigRoot | undefined): ConfigRoot {
    if (!extra || extra.value === null || !isMap(root.value)) return root;
    const section = this.extraSection(extra);
    if (!section) return root;
    const normal = this.spelling.normalise(berthSchema, section, ['berth']);
    if (isMap(normal)) root.value['berth'] = this.merged(root.value['berth'], normal);
    this.places.note(
      root.value,
      'berth',
      this.places.of(root.value, 'berth') ?? { file: extra.file, line: 1, spelled: 'berth' },
    );
    return root;
  }

  private extraSection(extra: ConfigRoot): Record<string, unknown> | undefined {
    if (!isMap(extra.value)) {
      this.problem(extra, [], 'does not consist of keys, expected the section berth');
      return undefined;
    }
    if (!('berth' in extra.value)) return extra.value;
    for (const key of Object.keys(extra.value)) {
      if (key !== 'berth') this.problem(extra, [key], 'does not belong into this file, expected only berth');
    }
    const section = extra.value['berth'] ?? emptyMap();
    if (isMap(section)) return section;
    this.problem(extra, ['berth'], 'is no section, expected keys with values');
    return undefined;
  }

  private merged(first: unknown, second: Record<string, unknown>): unknown {
    if (first === undefined) return second;
    if (!isMap(first)) return first;
    for (const [key, value] of Object.entries(second)) {
      const both = isMap(first[key]) && isMap(value);
      if (!both) this.places.copy({ container: second, key }, { container: first, key });
      first[key] = both ? this.merged(first[key], value) : value;
    }
    return first;
  }

  private judge(root: ConfigRoot): ConfigFile | undefined {
    const parsed = fileSchema.safeParse(root.value, { error: describeIssue });
    for (const finding of (parsed.error?.issues ?? []).flatMap(findingsOf)) {
      this.problem(root, finding.path, finding.message);
    }
    const cursor = new Cursor(root.value);
    const tell = {
      problem: (at: Cursor, message: string) => this.problem(root, at.path, message),
      warning: (at: Cursor, message: string) =>
        this.warnings.push(this.places.remark(root, at.path, message)),
    };
    for (const rule of RULES) rule(cursor, tell);
    return parsed.data;
  }

  private problem(root: ConfigRoot, path: ConfigPath, message: string): void {
    this.problems.push(this.places.remark(root, path, message));
  }
}

/** As a reader of the files meets them. */
function inOrder(remarks: readonly ConfigRemark[]): ConfigRemark[] {
  const files = [...new Set(remarks.map((remark) => remark.file))];
  return files.flatMap((file) =>
    remarks
      .filter((remark) => remark.file === file)
      .sort((one, other) => (one.line ?? 0) - (other.line ?? 0)),
  );
}
