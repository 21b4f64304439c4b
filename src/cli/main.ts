import { createOutput } from '../report/index.ts';
import { hearLostOutput } from './lost-output.ts';
import { runProgram } from './program.ts';

const { stdin, stdout, stderr, env } = process;
const output = createOutput({ stdin, stdout, stderr, environment: env });
const exitCodeAfter = hearLostOutput({ stdout, stderr, complain: (text) => output.complain(text) });
// What is printed last may only fail when everything else is done.
process.on('exit', (exitCode) => {
  process.exitCode = exitCodeAfter(exitCode);
});
process.exitCode = await runProgram(process.argv, output);
