import {
  type Document,
  type ErrorCode,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Range,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { error, type InventoryPath, type LocatedDiagnostic } from '../model/diagnostic.ts';

/** A YAML file as a value that still knows where each part of it was written. */
export interface YamlSource {
  /** Undefined when the text can't be read as YAML; `diagnostics` then says why. */
  readonly value: unknown;
  readonly diagnostics: readonly LocatedDiagnostic[];
  /** False where a key is given twice, or could not be taken: of what was written some is not in `value`. */
  readonly isWhole: boolean;
  /** The place of `path`, or of the nearest part around it that was written. */
  placeOf(path: InventoryPath): Place;
}

/** Lines and columns count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Parses YAML 1.2. Keys are the texts that were written, `01` and `null` too: they are names. Anchors, merge keys, tags and several documents in one file are refused: each value of an inventory
 * stands where it is read. So are line breaks and control characters in values: nothing in an inventory can become a
 * line of its own in a rendered file.
 */
export function parseYaml(
  file: string,
  text: string,
  {
    plainScalars = false,
  }: { /** Every value is a text, `0123` and `no` too. */ readonly plainScalars?: boolean } = {},
): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: plainScalars ? 'failsafe' : 'core',
    uniqueKeys: (one, other) => isScalar(one) && isScalar(other) && one.source === other.source,
  });
  const misnamed = takeKeysAsText(document);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return {
    value: isReadable(document) ? document.toJS() : undefined,
    isWhole: misnamed.length === 0 && document.errors.length === 0,
    diagnostics: [...syntaxFlaws(document), ...misnamed, ...forbiddenParts(document)]
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, message, hint }) => ({ ...error([], message, hint), ...placeAt(offset) })),
    placeOf: (path) => placeAt(offsetOf(document, path)),
  };
}

/** What YAML reads as a number or as nothing is a name where it is a key. Returns keys that can't be names at all. */
function takeKeysAsText(document: Document.Parsed): readonly Flaw[] {
  const flaws: Flaw[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key)) {
        flaws.push({
          offset: startOf(key) ?? 0,
          message: 'a key must be a name',
          hint: 'write a plain word',
        });
        return visit.REMOVE;
      }
      if (typeof key.value !== 'string') key.value = key.source ?? '';
      if (key.value !== '__proto__') return undefined;
      flaws.push({
        offset: startOf(key) ?? 0,
        message: 'nothing can be called __proto__',
        hint: 'take another name',
      });
      return visit.REMOVE;
    },
  });
  return flaws;
}

/** A key that is given twice leaves the rest readable; an alias must not be followed at all. */
function isReadable(document: Document.Parsed): boolean {
  let hasAlias = false;
  visit(document, {
    Alias: () => {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  const { errors, warnings } = document;
  return !hasAlias && warnings.length === 0 && errors.every(({ code }) => code === 'DUPLICATE_KEY');
}

interface Flaw {
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

function syntaxFlaws({ errors, warnings }: Document.Parsed): readonly Flaw[] {
  // What follows such an end is nothing that anybody has written.
  const exhausted = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  return (exhausted === undefined ? [...errors, ...warnings] : [exhausted]).map(({ code, message, pos }) => ({
    offset: pos[0],
    ...(inOurWords[code] ?? { message: `is not valid YAML: ${firstLine(message)}` }),
  }));
}

const inOurWords: Readonly<Partial<Record<ErrorCode, Omit<Flaw, 'offset'>>>> = {
  DUPLICATE_KEY: { message: 'this key is given twice in one mapping', hint: 'keep one of the two' },
  TAB_AS_INDENT: { message: 'a tab indents this line', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'a second YAML document begins here', hint: 'keep one document in the file' },
  RESOURCE_EXHAUSTION: {
    message: 'is nested too deeply to be read',
    hint: 'write it as flat as the examples are',
  },
  TAG_RESOLVE_FAILED: { message: 'tags (!…) are not supported', hint: 'write the plain value' },
};

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

function forbiddenParts(document: Document.Parsed): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const forbid = (node: Node, message: string, hint: string): void => {
    flaws.push({ offset: startOf(node) ?? 0, message, hint });
  };
  visit(document, {
    Alias: (_, node) => forbid(node, `aliases are not supported (*${node.source})`, 'write the value out'),
    Collection: (_, node) => {
      if (node.anchor) forbid(node, `anchors are not supported (&${node.anchor})`, 'write the value out');
    },
    Scalar: (_, node) => {
      if (node.anchor) forbid(node, `anchors are not supported (&${node.anchor})`, 'write the value out');
      if (typeof node.value === 'string' && hasControlCharacter(node.value)) {
        forbid(node, 'holds a line break or a control character', 'write it on one line');
      }
    },
  });
  return flaws;
}

const hasControlCharacter = (text: string): boolean => /\p{Cc}|\u2028|\u2029/u.test(text);

/** Scalars are found by their value, collections by their key: block collections begin a line later than one expects. */
function offsetOf(document: Document.Parsed, path: InventoryPath): number {
  let node: unknown = document.contents;
  let offset = startOf(document.contents) ?? 0;
  for (const key of path) {
    const step = isCollection(node) ? stepInto(node, key) : undefined;
    if (!step) return offset;
    offset = step.offset ?? offset;
    node = step.node;
  }
  return offset;
}

function stepInto(
  parent: unknown,
  key: string | number,
): { node: unknown; offset: number | undefined } | undefined {
  if (isSeq(parent)) return stepIntoSequence(parent, key);
  if (isMap(parent)) return stepIntoMapping(parent, key);
  return undefined;
}

function stepIntoSequence(parent: YAMLSeq, key: string | number) {
  const node = typeof key === 'number' ? parent.items[key] : undefined;
  return node === undefined ? undefined : { node, offset: startOf(node) };
}

function stepIntoMapping(parent: YAMLMap, key: string | number) {
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  if (!pair) return undefined;
  const { value } = pair;
  const isWritten = isScalar(value) && value.value !== null;
  return { node: value, offset: startOf(isWritten ? value : pair.key) };
}

function startOf(node: unknown): number | undefined {
  return hasRange(node) ? node.range?.[0] : undefined;
}

const hasRange = (node: unknown): node is { readonly range?: Range | null } =>
  typeof node === 'object' && node !== null && 'range' in node;
