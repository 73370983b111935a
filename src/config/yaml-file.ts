import { LineCounter, parseDocument } from 'yaml';
import type { Document, ScalarTag, Tags, YAMLError } from 'yaml';
import type { Places } from './places.js';
import type { ConfigRoot } from './places.js';
import { ConfigError } from './problems.js';
import { readConfigText } from './read-file.js';
import { YamlTree } from './yaml-tree.js';

/** One mistake often makes many messages; the first ones tell it. */
const MOST_SYNTAX_ERRORS = 5;
/** Deeper nesting exhausts the parser, in time or in memory, before it can complain. */
const TOO_DEEP = /^(?:[ \t[{]|[-?:](?=[ \t])){250}|[[\]{}]{250}/mu;

/**
 * Reads a YAML file by the rules that today's controller reads it by: YAML 1.1, where `yes` is true and `<<`
 * merges, except that `y` and `n` are text, and fewer words are numbers (PyYAML's resolver).
 * @throws ConfigError carrying all problems of the file's form
 */
export function readYaml(file: string, places: Places): ConfigRoot {
  const text = readConfigText(file);
  const deep = TOO_DEEP.exec(text);
  if (deep) throw refusal(file, text.slice(0, deep.index).split('\n').length, NESTED);
  try {
    return { file, value: read({ file, text }, places) };
  } catch (error) {
    // The parser recurses; its own bounds do not cover every kind of nesting.
    if (error instanceof RangeError) throw refusal(file, 1, NESTED);
    throw error;
  }
}

const NESTED = 'is nested too deeply, expected a configuration';

function read(source: { file: string; text: string }, places: Places): unknown {
  const lines = new LineCounter();
  const document = parseDocument(source.text, {
    version: '1.1',
    customTags: plainWords,
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const broken = [...document.errors, ...document.warnings].slice(0, MOST_SYNTAX_ERRORS);
  if (broken.length > 0)
    throw new ConfigError(broken.map((error) => syntaxProblem(source.file, lines, error)));
  return convert(document, new YamlTree(source.file, lines, places));
}

function convert(document: Document, tree: YamlTree): unknown {
  const value = tree.read(document.contents);
  if (tree.problems.length > 0) throw new ConfigError(tree.problems);
  return value;
}

const TRUTH = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSEHOOD = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
/** `08`, `1e3` and `.` are text: a tag of an image may well read `12e03`. */
const WHOLE = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const POINT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/;
const EXPONENT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)[eE][-+][0-9]+$/;

function plainWords(tags: Tags): Tags {
  return tags.map((tag): Tags[number] => {
    if (typeof tag === 'string' || !('test' in tag)) return tag;
    const scalar = tag as ScalarTag;
    const test = plainWord(scalar);
    return test ? { ...scalar, test } : tag;
  });
}

function plainWord({ tag, format, test }: ScalarTag): RegExp | undefined {
  switch (`${tag.replace('tag:yaml.org,2002:', '')} ${format ?? ''}`) {
    case 'bool ':
      return test?.test('yes') === true ? TRUTH : FALSEHOOD;
    case 'int ':
      return WHOLE;
    case 'float EXP':
      return EXPONENT;
    case 'float ':
      return test?.test('0.5') === true ? POINT : undefined;
    default:
      return undefined;
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here, expected a single one',
  TAB_AS_INDENT: 'a tab indents this line, expected spaces',
  RESOURCE_EXHAUSTION: NESTED,
};

function syntaxProblem(file: string, lines: LineCounter, error: YAMLError): ConfigError['problems'][number] {
  const message = SENTENCES[error.code] ?? `is not valid YAML: ${error.message}`;
  return { file, line: Math.max(1, lines.linePos(error.pos[0]).line), path: '', message };
}

function refusal(file: string, line: number, message: string): ConfigError {
  return new ConfigError([{ file, line, path: '', message }]);
}
