#!/usr/bin/env node
export {};

// Everything else is imported behind this check: better-sqlite3 crashes on an older Node instead of saying so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
	await main();
} else {
	process.stderr.write(
		`lite-migr needs Node 22.18 or newer, and this is Node ${process.versions.node}\n  install a newer one from https://nodejs.org and run it again\n`,
	);
	process.exitCode = 2;
}

async function main(): Promise<void> {
	const [{enableCompileCache}, {quietNodeWarnings}, {run}, {version}] = await Promise.all([
		import('node:module'),
		import('./source/commands/line/node-warnings.ts'),
		import('./source/commands/line/run.ts'),
		import('./source/core/version.ts'),
	]);
	enableCompileCache?.();
	quietNodeWarnings(process);
}
