import { createOutput } from '../report/index.ts';
import { runProgram } from './program.ts';

const output = createOutput({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});
process.exitCode = await runProgram(process.argv, output);
