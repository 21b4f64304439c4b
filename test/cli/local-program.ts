/** `mcp deploy --yes` as a process of its own, on the host that lies in a folder. Words: that folder, and what its task does. */
import { runProgram } from '../../src/cli/program.ts';
import { localHost } from '../execute/local-host.ts';
import { outputInto } from '../support/output.ts';
import { localDeployer } from './local-deployer.ts';

const [root, task = 'true'] = process.argv.slice(2);
if (root === undefined) throw new Error('which folder?');
const { fleet, ...host } = localHost(root);
process.exitCode = await runProgram(
  ['node', 'mcp', 'deploy', '-i', 'local.yaml', '--yes'],
  outputInto([]),
  localDeployer({ ...host, fleet }, { value: '1', task }),
);
await fleet[Symbol.asyncDispose]();
