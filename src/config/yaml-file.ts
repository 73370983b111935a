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
 * merges, except that `y` and `n` are text.
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

function plainWords(tags: Tags): Tags {
  return tags.map((tag): Tags[number] => {
    if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool' || !('test' in tag)) return tag;
    const scalar = tag as ScalarTag;
    return { ...scalar, test: scalar.test?.test('yes') === true ? TRUTH : FALSEHOOD };
  });
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
