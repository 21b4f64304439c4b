import type { Validator } from '../../model/probe.ts';
import judgeOptions from './judge-options.py';

interface OptionsFile {
  /** Where the service reads it. */
  readonly path: string;
  /** The package's own file with every option there is. */
  readonly declaredIn: string;
  /** A program of the same package. */
  readonly program: string;
}

/**
 * Every option of a service's file is one that it knows, with a value of its kind. Takes a tenth of a second, and some
 * seconds where an option is of no package that came with the service.
 */
export const optionsAreKnown = ({ path, declaredIn, program }: OptionsFile): Validator => ({
  name: `options of ${path}`,
  program,
  files: [path],
  script: `PYTHONDONTWRITEBYTECODE=1 python3 -I - ${path} ${declaredIn} 2>"$TREE.judged" <<'JUDGE' && exit 0
${judgeOptions}JUDGE
grep '^${path}:' "$TREE.judged" >&2 || cat "$TREE.judged" >&2
rm -f "$TREE.judged"
exit 1
`,
});
