import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {inTurns, measure, milliseconds} from './measure.ts';
import {bin, node, project, writeModels} from './project.ts';

/** Measures the whole process of `diff` with many tables of ten columns. */
export async function largeSchema(): Promise<string> {
	const sizes = [10, 100, 1000];
	const runs: Record<string, () => ReturnType<typeof measure>> = {'node -e 0': () => measure(node, ['-e', '0'])};
	for (const size of sizes) {
		const models = tables(size, '');
		const same = project(models);
		fill(same, models);
		const one = project(models);
		fill(one, models);
		writeModels(one, tables(size, ',\n  added TEXT'));
		const empty = project(models);
		runs[`${size} tables, no difference`] = () => measure(node, [bin, 'diff'], {cwd: same});
		runs[`${size} tables, a new column in each`] = () => measure(node, [bin, 'diff'], {cwd: one});
		runs[`${size} tables, all new`] = () => measure(node, [bin, 'diff'], {cwd: empty});
	}
	const measured = await inTurns(7, runs);
	const rows = Object.entries(measured).map(([name, run]) => `| ${name} | ${milliseconds(run.milliseconds)} |`);
	return [
		'## `diff` with many tables',
		'',
		'Whole process, median of 7 runs. Each table has 10 columns. Target: at most 0.3 s for 1,000 tables.',
		'',
		'| schema | time |',
		'| --- | --- |',
		...rows,
	].join('\n');
}

function tables(count: number, more: string): string {
	return Array.from({length: count}, (_, table) => {
		const columns = Array.from({length: 9}, (_, column) => `  c${column} ${['INTEGER', 'TEXT NOT NULL', 'REAL DEFAULT 0.5'][column % 3]}`);
		return `CREATE TABLE t${table} (\n  id INTEGER PRIMARY KEY,\n${columns.join(',\n')}${more}\n);\n`;
	}).join('');
}

function fill(folder: string, models: string): void {
	const result = spawnSync('sqlite3', [join(folder, 'app.db')], {input: models, encoding: 'utf8'});
	if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
}
