import type { Validator } from '../model/probe.ts';

/** Python's own look at one of our programs, before it replaces the one that runs. Without `files` it is one file. */
export const pythonCompiles = (program: string, files: readonly string[] = [program]): Validator => ({
  name: `python3 compiles ${program}`,
  program: '/usr/bin/python3',
  files,
  script: `PYTHONDONTWRITEBYTECODE=1 python3 - ${files.join(' ')} <<'COMPILE'
import os, sys
for path in sys.argv[1:]:
    with open(os.environ["TREE"] + path) as file:
        compile(file.read(), path, "exec")
COMPILE
`,
});
