import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { Output } from '../../src/report/index.ts';
import { outputInto } from './output.ts';

/** What `mcp` printed and how it ended. */
export interface Ended {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** A folder of its own that `mcp` is run in, as if the shell stood there, without MCP_INVENTORY. */
export async function workingFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-folder-'));
  const before = process.cwd();
  process.chdir(folder);
  vi.stubEnv('MCP_INVENTORY', '');
  return {
    folder,
    async mcp(argv: readonly string[], differences: Partial<Output> = {}): Promise<Ended> {
      const lines: string[] = [];
      const output = { ...outputInto(lines), ...differences };
      process.exitCode = undefined;
      const exitCode = await runProgram(['node', 'mcp', ...argv], output);
      process.exitCode = undefined;
      return { exitCode, lines };
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      process.chdir(before);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
