import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Curve, growthChart, growthTable} from './growth.ts';
import {inTurns, measure, milliseconds, type Run, requireSuccess} from './measure.ts';
import {installPeers, migratePeer, type Peer, peerProject} from './peers.ts';
import {bin, node, project} from './project.ts';

const sizes = [10, 100, 400, 1000];
const peers: readonly Peer[] = ['sqlite3', 'knex', 'drizzle-kit 0.31', 'drizzle-kit 1.0'];

/** Measures commands on projects with few and many migrations, next to other programs that apply the same statements. */
export async function histories(): Promise<string> {
	installPeers();
	const curves = new Map<string, Map<number, Run>>();
	let base = 0;
	for (const size of sizes) {
		const runs = await runsOf(size);
		for (const [name, run] of Object.entries(await inTurns(5, runs))) {
			if (name === 'node -e 0') base = run.milliseconds;
			else curves.set(name, (curves.get(name) ?? new Map()).set(size, run));
		}
	}
	const at = (name: string, size: number) => curves.get(name)?.get(size)?.milliseconds ?? Number.NaN;
	const ratio = (a: number, b: number) => `${(a / b).toFixed(2)} ×`;
	return [
		'## Long histories',
		'',
		`Whole process, median of 5 runs in turns. Of four migrations, one creates a table, two add a column, and one creates an index. In the other programs, the same statements. \`node -e 0\` takes ${milliseconds(base)}. The exponent is that of the growth from 100 to 1,000: 1 is linear, and the start of the process counts.`,
		'',
		...growthTable(sizes, 'migrations', curves as ReadonlyMap<string, Curve>),
		'',
		'| ratio | measured | target |',
		'| --- | --- | --- |',
		`| \`status\` with 1,000 applied, against \`node -e 0\` | ${ratio(at('`status`', 1000), base)} | ≤ 4 × |`,
		`| \`check\` with 1,000 applied, against \`node -e 0\` | ${ratio(at('`check`', 1000), base)} | ≤ 6 × |`,
		`| \`status\` with 400 applied, against 10 | ${ratio(at('`status`', 400), at('`status`', 10))} | ≤ 1.5 × |`,
		`| \`check\` with 400 applied, against 10 | ${ratio(at('`check`', 400), at('`check`', 10))} | ≤ 2 × |`,
		`| \`upgrade\` of all 1,000, against drizzle-kit 0.31 | ${ratio(at('`upgrade` of all', 1000), at('drizzle-kit 0.31 migrate', 1000))} | ≤ 0.6 × |`,
		`| \`upgrade\` of all 1,000, against knex | ${ratio(at('`upgrade` of all', 1000), at('knex migrate', 1000))} | ≤ 1 × |`,
		'',
		...growthChart(sizes, curves as ReadonlyMap<string, Curve>),
	].join('\n');
}

async function runsOf(size: number): Promise<Record<string, () => Promise<Run>>> {
	const migrations = Array.from({length: size}, (_, index) => changeAt(index));
	const models = `${modelsAfter(size)}\n`;
	const [applied, fresh] = [project(models), project(models)];
	for (const folder of [applied, fresh]) for (const [index, change] of migrations.entries()) writeMigration(folder, index, change);
	const lite = (folder: string, ...argv: readonly string[]) => measure(node, [bin, ...argv], {cwd: folder});
	requireSuccess(await lite(applied, 'upgrade', '--yes'), 'upgrade');
	requireSuccess(await lite(applied, 'check'), 'check');
	requireSuccess(await lite(applied, 'status'), 'status');
	const changed = project(`${models}CREATE TABLE extra (id INTEGER PRIMARY KEY);\n`, join(applied, 'app.db'));
	for (const [index, change] of migrations.entries()) writeMigration(changed, index, change);
	requireSuccess(await lite(changed, 'status'), 'status');
	const folders = new Map(
		peers.map((peer) => [
			peer,
			peerProject(
				peer,
				migrations.map(({sql}) => [sql]),
			),
		]),
	);
	return {
		'node -e 0': () => measure(node, ['-e', '0']),
		'`status`': async () => requireSuccess(await lite(applied, 'status'), 'status'),
		'`check`': async () => requireSuccess(await lite(applied, 'check'), 'check'),
		'`diff` of one change': async () => requireSuccess(await lite(changed, 'diff'), 'diff'),
		'`status`, nothing remembered': async () => {
			rmSync(join(fresh, '.lite-migr'), {recursive: true, force: true});
			return requireSuccess(await lite(fresh, 'status'), 'status');
		},
		'`upgrade` of all': async () => {
			rmSync(join(fresh, 'app.db'), {force: true});
			return requireSuccess(await lite(fresh, 'upgrade', '--yes'), 'upgrade');
		},
		...Object.fromEntries(
			[...folders].map(([peer, folder]) => [
				`${peer}${peer === 'sqlite3' ? ', all statements' : ' migrate'}`,
				() => {
					rmSync(join(folder, 'app.db'), {force: true});
					return migratePeer(peer, folder);
				},
			]),
		),
	};
}

interface Change {
	readonly sql: string;
	readonly upgrade: string;
	readonly downgrade: string;
}

function changeAt(index: number): Change {
	const table = `item_${Math.floor(index / 4)}`;
	const parent = `item_${Math.max(0, Math.floor(index / 4) - 1)}`;
	const added = (definition: string): Change => ({
		sql: `ALTER TABLE ${table} ADD COLUMN ${definition}`,
		upgrade: `op.addColumn('${table}', '${definition}');`,
		downgrade: `op.dropColumn('${table}', '${definition.split(' ')[0]}');`,
	});
	switch (index % 4) {
		case 0: {
			const sql = `CREATE TABLE ${table} (\n    id INTEGER PRIMARY KEY,\n    name TEXT NOT NULL,\n    price REAL DEFAULT 0.5,\n    owner_id INTEGER REFERENCES ${parent} (id)\n)`;
			return {sql, upgrade: `op.createTable(\`\n        ${sql.replaceAll('\n', '\n        ')}\`);`, downgrade: `op.dropTable('${table}');`};
		}
		case 1:
			return added('note TEXT');
		case 2: {
			const sql = `CREATE INDEX ${table}_owner ON ${table} (owner_id)`;
			return {sql, upgrade: `op.createIndex('${sql}');`, downgrade: `op.dropIndex('${table}_owner');`};
		}
		default:
			return added('state INTEGER NOT NULL DEFAULT 0');
	}
}

/** Returns the tables and indexes that the first migrations create. */
function modelsAfter(size: number): string {
	return Array.from({length: Math.ceil(size / 4)}, (_, table) => {
		const made = Math.min(4, size - table * 4);
		const columns = [
			'id INTEGER PRIMARY KEY',
			'name TEXT NOT NULL',
			'price REAL DEFAULT 0.5',
			`owner_id INTEGER REFERENCES item_${Math.max(0, table - 1)} (id)`,
			...(made > 1 ? ['note TEXT'] : []),
			...(made > 3 ? ['state INTEGER NOT NULL DEFAULT 0'] : []),
		];
		const index = made > 2 ? `\nCREATE INDEX item_${table}_owner ON item_${table} (owner_id);` : '';
		return `CREATE TABLE item_${table} (\n  ${columns.join(',\n  ')}\n);${index}`;
	}).join('\n');
}

function writeMigration(folder: string, index: number, {upgrade, downgrade}: Change): void {
	const body = (call: string) => `(op: MigrationBuilder) {\n    ${call}\n}\n`;
	writeFileSync(
		join(folder, 'migrations', `${20260101000000 + index}_change.ts`),
		`import type {MigrationBuilder} from 'lite-migr';\n\nexport function upgrade${body(upgrade)}\nexport function downgrade${body(downgrade)}`,
	);
}
