import {cpSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {dirname, join} from 'node:path';
import {inTurns, measure, milliseconds, requireSuccess} from './measure.ts';
import {bin, node, repository, temporaryFolder} from './project.ts';

const testFiles = 20;
const testsPerFile = 50;
const migrationsOfTests = 100;
const calls = 200;
const workers = Math.max(2, availableParallelism());
const vitest = join(repository, 'node_modules/vitest/vitest.mjs');

/** Measures `lite-migr/test`: the 200th call of `migratedDatabase()`, and a thousand tests in parallel workers of Vitest. */
export async function testDatabases(): Promise<string> {
	return [
		'## Databases for tests',
		'',
		`The ${calls}th call of \`migratedDatabase()\` in a process, median of the ${calls / 2} calls around it. Target: at most 2 ms.`,
		'',
		'| migrations | driver | first call, no template | first call, template on disk | the 200th call |',
		'| --- | --- | --- | --- | --- |',
		...(await callRows()),
		'',
		`${(testFiles * testsPerFile).toLocaleString('en')} tests in ${testFiles} files with ${migrationsOfTests} migrations, in ${workers} parallel workers of Vitest. Each test opens a migrated database, inserts a row and reads it. Whole process, median of 3 runs in turns, and one run with \`apply()\`. "By hand" executes the text of all SQL files with better-sqlite3, without a history table and without any check.`,
		'',
		'| how each test gets its database | time | without Vitest itself | ratio |',
		'| --- | --- | --- | --- |',
		...(await testRows()),
	].join('\n');
}

async function callRows(): Promise<readonly string[]> {
	const rows: string[] = [];
	for (const migrations of [20, 200, 1000]) {
		for (const driver of ['better-sqlite3', 'node:sqlite']) {
			const folder = testProject(migrations);
			const times = async () => {
				const {output} = requireSuccess(await measure(node, ['--no-warnings', 'calls.mjs', driver], {cwd: folder}), 'calls.mjs');
				return JSON.parse(output) as {readonly first: number; readonly late: number};
			};
			const [without, stored] = [await times(), await times()];
			rows.push(
				`| ${migrations.toLocaleString('en')} | ${driver} | ${milliseconds(without.first)} | ${milliseconds(stored.first)} | ${stored.late.toFixed(2)} ms |`,
			);
		}
	}
	return rows;
}

/** Each way to open a database in a test, as the body of an asynchronous function. */
const ways = {
	'no database (Vitest itself)': '',
	'`migratedDatabase()`': 'return await migratedDatabase();',
	'all migrations by hand, in memory': `const db = new Database(':memory:');
	for (const name of readdirSync('migrations').toSorted()) db.exec(readFileSync('migrations/' + name, 'utf8'));
	return db;`,
	'all migrations with `apply()`, in a file': `const file = join(mkdtempSync(join(tmpdir(), 'lite-migr-bench-test-')), 'test.db');
	for await (const event of apply({database: file, migrationsDir: 'migrations'})) if (event.type === 'failed') throw new Error(event.message);
	const db = new Database(file);
	onTestFinished(() => { db.close(); rmSync(dirname(file), {recursive: true}); });
	return db;`,
} as const;

async function testRows(): Promise<readonly string[]> {
	const run = (way: keyof typeof ways) => {
		const folder = projectOfTests(ways[way]);
		return async () =>
			requireSuccess(
				await measure(node, [vitest, 'run', '--silent', '--reporter=dot', '--testTimeout=60000', '--maxWorkers', String(workers)], {cwd: folder}),
				way,
			);
	};
	const [plain, ours, byHand, slowest] = Object.keys(ways) as [keyof typeof ways, keyof typeof ways, keyof typeof ways, keyof typeof ways];
	const runs = {...(await inTurns(3, {[plain]: run(plain), [ours]: run(ours), [byHand]: run(byHand)})), [slowest]: await run(slowest)()};
	const own = (way: keyof typeof ways) => (runs[way]?.milliseconds ?? 0) - (runs[plain]?.milliseconds ?? 0);
	return Object.keys(ways).map((name) => {
		const way = name as keyof typeof ways;
		const rest = way === plain ? '– | –' : `${milliseconds(own(way))} | ${(own(way) / own(ours)).toFixed(1)} ×`;
		return `| ${way} | ${milliseconds(runs[way]?.milliseconds ?? 0)} | ${rest} |`;
	});
}

/** Creates a project whose tests open a database with this code. */
function projectOfTests(body: string): string {
	const folder = testProject(migrationsOfTests);
	mkdirSync(join(folder, 'test'));
	const use = body === '' ? 'expect(1 + 1).toBe(2);' : insertAndRead;
	for (let file = 0; file < testFiles; file++) {
		writeFileSync(
			join(folder, 'test', `file-${file}.test.js`),
			`${body === '' ? '' : imports}import {expect, onTestFinished, test} from 'vitest';
async function open() {
	${body}
}
for (let number = 0; number < ${testsPerFile}; number++) test('test ' + number, async () => {
	${use}
});
`,
		);
	}
	return folder;
}

const imports = `import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import Database from 'better-sqlite3';
import {apply} from 'lite-migr';
import {migratedDatabase} from 'lite-migr/test';
`;

const insertAndRead = `const db = await open();
	db.prepare('INSERT INTO table_1 (name) VALUES (?)').run('x' + number);
	expect(db.prepare('SELECT name FROM table_1').all()).toEqual([{name: 'x' + number}]);`;

/** Creates a project with lite-migr and better-sqlite3 installed, and migrations that create tables and indexes, add columns and insert rows. */
function testProject(migrations: number): string {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'migrations'));
	mkdirSync(join(folder, 'node_modules/lite-migr'), {recursive: true});
	cpSync(dirname(bin), join(folder, 'node_modules/lite-migr/dist'), {recursive: true});
	cpSync(join(repository, 'package.json'), join(folder, 'node_modules/lite-migr/package.json'));
	for (const name of ['better-sqlite3', 'vitest']) symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	writeFileSync(join(folder, 'migrate.toml'), '[migrate]\nmigrations_dir = "./migrations"\n');
	for (let number = 1; number <= migrations; number++) {
		writeFileSync(join(folder, 'migrations', `${String(number).padStart(4, '0')}_change.sql`), migrationText(number));
	}
	writeFileSync(join(folder, 'calls.mjs'), callsScript);
	return folder;
}

function migrationText(number: number): string {
	const table = `table_${number - ((number - 1) % 10)}`;
	if (number % 10 === 1) return `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, made TEXT DEFAULT CURRENT_TIMESTAMP);\n`;
	if (number % 10 === 2) return `CREATE INDEX ${table}_name ON ${table} (name);\n`;
	if (number % 10 === 3 && number > 10) return `INSERT INTO ${table} (name) VALUES ('first'), ('second'), ('third');\n`;
	return `ALTER TABLE ${table} ADD COLUMN column_${number} TEXT NOT NULL DEFAULT 'x';\n`;
}

const callsScript = `import {migratedDatabase} from 'lite-migr/test';
// The times of the files must be older than the coarsest time of a file system.
await new Promise((resolve) => setTimeout(resolve, 2500));
const times = [];
for (let call = 0; call < ${calls * 1.25}; call++) {
	const start = performance.now();
	const db = await migratedDatabase({driver: process.argv[2]});
	times.push(performance.now() - start);
	db.close();
}
const late = times.slice(${calls * 0.75}).toSorted((a, b) => a - b);
console.log(JSON.stringify({first: times[0], late: late[Math.floor(late.length / 2)]}));
`;
