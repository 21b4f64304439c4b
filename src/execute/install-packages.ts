import { programWith } from '../model/shell-program.ts';
import type { HostPaths } from './host-paths.ts';
import installText from './install-packages.sh';
import startPolicyText from './start-policy.sh';

/** Installs packages with no daemon started by their maintainer scripts; what failed among the others is tried again. */
export const installScript = (packages: readonly string[], paths: PolicyPaths): string =>
  programWith(startPolicyText + installText, { values: startPolicyValues(paths), words: packages });

type PolicyPaths = Pick<HostPaths, 'startPolicy' | 'volatile'>;

/** What start-policy.sh expects; also said when a run begins, since an earlier one may have been killed. */
export const startPolicyValues = ({ startPolicy, volatile }: PolicyPaths) => ({
  policy: startPolicy,
  mark: `${volatile}/mcp-policy-rc.d`,
});
