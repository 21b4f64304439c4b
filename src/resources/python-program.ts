import type { Resource } from '../model/resource.ts';
import type { Render } from '../model/service.ts';
import { directory } from './directory.ts';
import { configFile } from './file.ts';

/** A program of ours in several files: `python3 -I FOLDER` runs its `__main__.py`, which finds the others beside it. */
export interface PythonProgram {
  /** The folder on the host. */
  readonly path: string;
  /** The folder below templates/. */
  readonly template: string;
  /** Its files besides `__main__.py`, without `.py`. */
  readonly modules: readonly string[];
}

/** The folder and its files, letter for letter as they stand in templates/. */
export const programResources = (program: PythonProgram, render: Render): readonly Resource[] => [
  directory({ path: program.path }),
  ...namesIn(program).map((name) => {
    const template = `${program.template}/${name}`;
    return configFile({ path: `${program.path}/${name}`, template, content: render(template, {}) });
  }),
];

/** What a unit that runs it restarts on. */
export const programPaths = (program: PythonProgram): readonly string[] =>
  namesIn(program).map((name) => `${program.path}/${name}`);

const namesIn = ({ modules }: PythonProgram): readonly string[] =>
  ['__main__', ...modules].map((name) => `${name}.py`);
