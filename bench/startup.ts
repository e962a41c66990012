import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inTurns, measure, milliseconds, requireSuccess} from './measure.ts';
import {bin, node, project, temporaryFolder} from './project.ts';

/** Measures the time of short commands, next to Node doing nothing. */
export async function startup(): Promise<string> {
	const small = project('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n');
	// Like a project that has lite-migr installed: the schemas that migrations build are remembered there.
	mkdirSync(join(small, 'node_modules'));
	requireSuccess(await measure(node, [bin, 'create', 'start'], {cwd: small}), 'create');
	requireSuccess(await measure(node, [bin, 'upgrade', '--yes'], {cwd: small}), 'upgrade');
	for (const command of ['status', 'check']) requireSuccess(await measure(node, [bin, command], {cwd: small}), command);
	const nothing = join(temporaryFolder(), 'nothing.mjs');
	writeFileSync(nothing, '');
	const runs = await inTurns(15, {
		'node -e 0': () => measure(node, ['-e', '0']),
		'lite-migr --version': () => measure(node, [bin, '--version']),
		'lite-migr status': () => measure(node, [bin, 'status'], {cwd: small}),
		'lite-migr check': () => measure(node, [bin, 'check'], {cwd: small}),
	});
	const base = runs['node -e 0'].milliseconds;
	const rows = Object.entries(runs).map(
		([name, run]) => `| \`${name}\` | ${milliseconds(run.milliseconds)} | ${(run.milliseconds / base).toFixed(2)} × |`,
	);
	return [
		'## Start-up',
		'',
		'Median of 15 runs in turns. Targets: `--version` takes at most 1.2 × the time of `node -e 0`, and `status` 1.8 ×.',
		'',
		'| command | time | ratio |',
		'| --- | --- | --- |',
		...rows,
	].join('\n');
}
