#!/usr/bin/env node
/** The command `syncline`. Nothing is imported before the Node version is known to be one that can read it. */

const NEEDED = [22, 19] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `syncline needs Node.js ${NEEDED.join('.')} or newer, and this is Node.js ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org, or put one that is installed first on PATH.\n',
  );
  process.exitCode = 2;
} else {
  const { runProcess } = await import('./process.ts');
  await runProcess(process);
}

export {};
