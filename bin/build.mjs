#!/usr/bin/env node
// Bundles src/ and what it imports into dist/, or into the folder that is named: loading hundreds of files, and the parts of packages that nothing here
// uses, took half of the time that `mcp plan` needs. Types are checked by `npm run typecheck`.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [outdir = `${root}dist`] = process.argv.slice(2);
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // The program, and what it starts as programs of their own; they stay where their source is.
  entryPoints: ['src/cli/main.ts', 'src/lab/cure-later.ts', 'src/lab/forward-inside.ts'],
  outbase: 'src',
  outdir,
  // As deep as a file of src/, so that templates/ is found from both.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  // What is imported when it is wanted stays out of what every verb loads.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Programs for hosts and for shells are imported as their text.
  loader: { '.sh': 'text', '.py': 'text', '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
  // It loads machine code from its own folder.
  external: ['ssh2'],
  // Packages of the older kind ask for node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  legalComments: 'linked',
  sourcemap: true,
  logLevel: 'warning',
});
