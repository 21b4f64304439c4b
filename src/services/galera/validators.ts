import type { Validator } from '../../model/probe.ts';
import { programPaths, pythonCompiles } from '../../resources/index.ts';
import { agentProgram, serverFile } from './layout.ts';

/** MariaDB and Python read what they will be given, without starting. */
export const galeraValidators = (): readonly Validator[] => [
  {
    name: `mariadbd --help with ${serverFile}`,
    program: '/usr/sbin/mariadbd',
    files: [serverFile],
    script: `scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mariadbd --defaults-file="$TREE${serverFile}" --user=mysql --datadir="$scratch" --help --verbose \\
  >/dev/null 2>"$scratch/said" && exit 0
sed "s#$TREE##g" "$scratch/said" >&2
exit 1
`,
  },
  pythonCompiles(agentProgram.path, programPaths(agentProgram)),
];
