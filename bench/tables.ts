import {spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {type Curve, growthChart, growthTable} from './growth.ts';
import {inTurns, measure, megabytes, milliseconds, type Run, requireSuccess} from './measure.ts';
import {generatePeer, installPeers, migratePeer, type Peer, peerProject} from './peers.ts';
import {bin, node, project} from './project.ts';

const sizes = [10, 100, 1000, 5000];
const peers: readonly Peer[] = ['sqlite3', 'drizzle-kit 0.31', 'drizzle-kit 1.0'];

/** Measures commands on few and many tables, each with ten columns, an index and a foreign key. */
export async function tables(): Promise<string> {
	installPeers();
	const curves = new Map<string, Map<number, Run>>();
	let base = 0;
	for (const size of sizes) {
		const runs = await runsOf(size);
		for (const [name, run] of Object.entries(await inTurns(size > 1000 ? 3 : 5, runs))) {
			if (name === 'node -e 0') base = run.milliseconds;
			else curves.set(name, (curves.get(name) ?? new Map()).set(size, run));
		}
	}
	const at = (name: string, size: number) => curves.get(name)?.get(size)?.milliseconds ?? Number.NaN;
	const ratio = (a: number, b: number) => `${(a / b).toFixed(2)} ×`;
	const memory = (size: number) =>
		Math.max(...[...curves].flatMap(([name, curve]) => (name.startsWith('`') ? [curve.get(size)?.megabytes ?? 0] : [])));
	return [
		'## Large schemas',
		'',
		`Whole process, median of 5 runs in turns, and of 3 with 5,000 tables. Each table has ten columns, an index and a foreign key. \`node -e 0\` takes ${milliseconds(base)}. The exponent is that of the growth from 100 to 5,000 tables.`,
		'',
		...growthTable(sizes, 'tables', curves as ReadonlyMap<string, Curve>),
		'',
		'| ratio | measured | target |',
		'| --- | --- | --- |',
		`| \`status\` with 1,000 tables, against 10 | ${ratio(at('`status`', 1000), at('`status`', 10))} | ≤ 4 × |`,
		`| \`check\` with 1,000 tables, against 10 | ${ratio(at('`check`', 1000), at('`check`', 10))} | ≤ 6 × |`,
		`| \`diff\` of 1,000 new tables, against \`node -e 0\` | ${ratio(at('`diff`, all new', 1000), base)} | ≤ 10 × |`,
		`| \`diff\` of a change in each of 1,000 tables, against \`node -e 0\` | ${ratio(at('`diff`, a change in each', 1000), base)} | ≤ 10 × |`,
		`| \`diff\` of 5,000 new tables, against drizzle-kit 0.31 generate | ${ratio(at('`diff`, all new', 5000), at('drizzle-kit 0.31 generate, all new', 5000))} | ≤ 1 × |`,
		`| \`upgrade\` of 5,000 new tables, against drizzle-kit 0.31 migrate | ${ratio(at('`upgrade`, all new', 5000), at('drizzle-kit 0.31 migrate, all new', 5000))} | ≤ 1 × |`,
		`| most memory of a command with 1,000 tables | ${megabytes(memory(1000))} | ≤ 150 MB |`,
		`| most memory of a command with 5,000 tables | ${megabytes(memory(5000))} | ≤ 400 MB |`,
		'',
		...growthChart(sizes, curves as ReadonlyMap<string, Curve>),
	].join('\n');
}

async function runsOf(size: number): Promise<Record<string, () => Promise<Run>>> {
	const statements = statementsOf(size, '');
	const models = text(statements);
	const [applied, fresh, same, changed] = [project(models), project(models), project(models), project(text(statementsOf(size, ',\n  added TEXT')))];
	const lite = async (folder: string, ...argv: readonly string[]) =>
		requireSuccess(await measure(node, [bin, ...argv], {cwd: folder}), `lite-migr ${argv.join(' ')}`);
	for (const folder of [same, changed]) fill(folder, models);
	for (const folder of [applied, fresh]) await lite(folder, 'create', 'all');
	await lite(applied, 'upgrade', '--yes');
	await lite(applied, 'check');
	await lite(applied, 'status');
	const migrating = new Map(peers.map((peer) => [peer, peerProject(peer, [statements])]));
	const generating = new Map((['drizzle-kit 0.31', 'drizzle-kit 1.0'] as const).map((peer) => [peer, peerProject(peer, [], drizzleSchema(size))]));
	return {
		'node -e 0': () => measure(node, ['-e', '0']),
		'`status`': () => lite(applied, 'status'),
		'`check`': () => lite(applied, 'check'),
		'`diff`, no difference': () => lite(same, 'diff'),
		'`diff`, a change in each': () => lite(changed, 'diff'),
		'`diff`, all new': () => lite(project(models), 'diff'),
		'`upgrade`, all new': () => {
			rmSync(join(fresh, 'app.db'), {force: true});
			return lite(fresh, 'upgrade', '--yes');
		},
		...Object.fromEntries(
			[...generating].map(([peer, folder]) => [
				`${peer} generate, all new`,
				() => {
					rmSync(join(folder, 'drizzle'), {recursive: true, force: true});
					return generatePeer(peer, folder);
				},
			]),
		),
		...Object.fromEntries(
			[...migrating].map(([peer, folder]) => [
				`${peer}${peer === 'sqlite3' ? ', all statements' : ' migrate, all new'}`,
				() => {
					rmSync(join(folder, 'app.db'), {force: true});
					return migratePeer(peer, folder);
				},
			]),
		),
	};
}

function parentOf(table: number): number {
	return Math.max(0, table - 1);
}

const types = ['INTEGER', 'TEXT NOT NULL', 'REAL DEFAULT 0.5'] as const;
const drizzleTypes = ['integer', 'text', 'real'] as const;

function statementsOf(count: number, more: string): readonly string[] {
	return Array.from({length: count}, (_, table) => {
		const columns = Array.from({length: 8}, (_column, column) => `  c${column} ${types[column % 3]}`);
		return [
			`CREATE TABLE t${table} (\n  id INTEGER PRIMARY KEY,\n  parent_id INTEGER REFERENCES t${parentOf(table)} (id),\n${columns.join(',\n')}${more}\n)`,
			`CREATE INDEX t${table}_parent ON t${table} (parent_id)`,
		];
	}).flat();
}

function text(statements: readonly string[]): string {
	return statements.map((sql) => `${sql};\n`).join('');
}

function drizzleSchema(count: number): string {
	const lines = Array.from({length: count}, (_, table) => {
		const columns = Array.from({length: 8}, (_column, column) => {
			const more = ['', '.notNull()', '.default(0.5)'][column % 3];
			return `c${column}: ${drizzleTypes[column % 3]}('c${column}')${more}`;
		});
		return `export const t${table} = sqliteTable('t${table}', {id: integer('id').primaryKey(), parentId: integer('parent_id').references(() => t${parentOf(table)}.id), ${columns.join(', ')}}, (t) => [index('t${table}_parent').on(t.parentId)]);`;
	});
	return ["import {index, integer, real, sqliteTable, text} from 'drizzle-orm/sqlite-core';", ...lines, ''].join('\n');
}

function fill(folder: string, models: string): void {
	const result = spawnSync('sqlite3', [join(folder, 'app.db')], {input: `BEGIN;\n${models}COMMIT;\n`, encoding: 'utf8'});
	if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
}
