import type { Validator } from '../model/probe.ts';

/** Python's own look at one of our programs, before it replaces the one that runs. */
export const pythonCompiles = (program: string): Validator => ({
  name: `python3 compiles ${program}`,
  program: '/usr/bin/python3',
  files: [program],
  script: `PYTHONDONTWRITEBYTECODE=1 python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[2], "exec")' \\
  "$TREE${program}" ${program}
`,
});
