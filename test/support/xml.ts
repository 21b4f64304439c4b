import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** An element as a parser that is not ours reads it. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Element[];
}

/** Has Python's parser read documents, all of them in one process. Rejects where one is no XML. */
export async function parsedXml(documents: readonly string[]): Promise<readonly Element[]> {
  const running = promisify(execFile)('python3', ['-c', program], { maxBuffer: 64 << 20 });
  running.child.stdin?.end(JSON.stringify(documents));
  const { stdout } = await running;
  return JSON.parse(stdout);
}

const program = `
import json, sys
import xml.etree.ElementTree as ElementTree

def told(element):
    return {"tag": element.tag, "attributes": element.attrib, "text": element.text or "",
            "children": [told(child) for child in element]}

documents = json.load(sys.stdin)
print(json.dumps([told(ElementTree.fromstring(document.encode("utf-8", "surrogatepass"))) for document in documents]))
`;

/** Every element of that name, however deep. */
export const allOf = (tag: string, element: Element): readonly Element[] => [
  ...(element.tag === tag ? [element] : []),
  ...element.children.flatMap((child) => allOf(tag, child)),
];
