import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, truncateSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {done, failed} = runnerFor(project);
const rows = (count: number) =>
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${count}) INSERT INTO t SELECT i, hex(randomblob(50)) FROM n`;

describe('a path that is not a usable database', () => {
	test('is reported as a folder, a text file or a path in a missing folder', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE t (x)');`);
		mkdirSync(project.file);
		expect(await failed()).toMatchObject({code: 'database', message: expect.stringContaining('is a folder')});
		expect(await failed({database: project.migration('2_b', '')})).toMatchObject({code: 'database', message: expect.stringContaining('a text file')});
		expect(await failed({database: project.at('none/app.db')})).toMatchObject({
			code: 'files',
			message: expect.stringContaining('for the database does not exist'),
		});
		writeFileSync(project.at('empty.db'), '');
		expect((await done({database: project.at('empty.db')})).currentMigration).toBe('2_b');
	});

	test('is refused if it is a truncated database', async () => {
		project.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); ${rows(2000)}`);
		project.migration('1_a', `op.addColumn('t', 'x TEXT');`);
		truncateSync(project.file, 40_000);
		expect(await failed()).toMatchObject({code: 'database', message: expect.stringContaining('truncated')});
	});
});

describe('missing permissions', () => {
	const upgrade = `
		import {apply} from '${new URL('../../../../source/core/migrations/run/apply.ts', import.meta.url).href}';
		const [database, migrationsDir] = process.argv.slice(1);
		let last;
		for await (const event of apply({database, migrationsDir, direction: 'upgrade', backup: 'never', toolVersion: '1', consent: true, wait: 1})) last = event;
		console.log(JSON.stringify(last));`;

	/** Root ignores permissions, so root runs the upgrade as another user. Any other user runs it directly. */
	const isRoot = process.getuid?.() === 0;
	const someone = isRoot ? {uid: 65534, gid: 65534} : {};

	function upgradeAsSomeone() {
		const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', upgrade, project.file, project.migrationsDir], {
			...someone,
			encoding: 'utf8',
		});
		if (stdout === '') throw new Error(stderr);
		return JSON.parse(stdout) as {type: string; code?: string; message?: string};
	}

	test.runIf(process.platform !== 'win32')('are reported, and nothing is written', () => {
		project.exec('CREATE TABLE t (x)');
		project.migration('1_a', `op.addColumn('t', 'y TEXT');`);
		const folder = project.path;
		chmodSync(project.file, 0o444);
		chmodSync(folder, 0o777);
		expect(upgradeAsSomeone()).toMatchObject({code: 'files', message: 'app.db is read-only'});
		chmodSync(project.file, 0o666);
		chmodSync(folder, 0o555);
		expect(upgradeAsSomeone()).toMatchObject({
			code: 'files',
			message: expect.stringContaining('is read-only, but SQLite needs to create its journal'),
		});
		chmodSync(project.file, 0o000);
		expect(upgradeAsSomeone()).toMatchObject({code: 'files', message: 'no permission to read app.db'});
		if (isRoot) {
			chmodSync(folder, 0o700);
			expect(upgradeAsSomeone()).toMatchObject({code: 'files', message: expect.stringContaining('no permission to access')});
		}
		chmodSync(folder, 0o777);
		chmodSync(project.file, 0o666);
		expect(upgradeAsSomeone()).toMatchObject({type: 'done'});
	});
});

describe('a disk that is full', () => {
	// A limit on the size of files fails like a full disk, and needs no special permissions.
	test.runIf(spawnSync('bash', ['-c', 'ulimit -f 100']).status === 0)('rolls back, says so, and a rerun with room succeeds', async () => {
		project.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); ${rows(20_000)}`);
		project.migration('1_a', `op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)');`);
		const module = new URL('../../../../source/core/migrations/run/apply.ts', import.meta.url).href;
		for (const [backup, code] of [
			['never', 'files'],
			['always', 'backup'],
		]) {
			const program = `import {apply} from '${module}';
				let last;
				for await (const event of apply({database: '${project.file}', migrationsDir: '${project.migrationsDir}', direction: 'upgrade', backup: '${backup}', toolVersion: '1', consent: true})) last = event;
				console.log(JSON.stringify(last));`;
			const limit = backup === 'never' ? 4000 : 1000;
			const {stdout, stderr} = spawnSync(
				'bash',
				['-c', `ulimit -f ${limit}; trap '' XFSZ; exec "$0" --input-type=module-typescript --eval "$1"`, process.execPath, program],
				{encoding: 'utf8'},
			);
			expect(stdout, stderr).not.toBe('');
			expect(JSON.parse(stdout)).toMatchObject({type: 'failed', code});
			expect(project.value('PRAGMA integrity_check')).toBe('ok');
			expect(project.value("SELECT count(*) FROM t WHERE typeof(v) = 'text'")).toBe(20_000);
		}
		expect((await done({consent: true, backup: 'never'})).currentMigration).toBe('1_a');
	});
});

describe('migration code that breaks the rules', () => {
	const write = (body: string) => {
		project.exec('CREATE TABLE t (x)');
		project.migration('1_a', `op.execute('INSERT INTO t VALUES (1)'); op.run(${body});`);
	};
	const expectUnchanged = () => {
		expect(project.value('SELECT count(*) FROM t')).toBe(0);
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = '_lite_migr'")).toBe(0);
	};

	test.each([
		['throws a string', `() => { throw 'oh no' }`, 'oh no'],
		['throws nothing', `() => { throw undefined }`, 'a undefined was thrown: undefined'],
		['opens its own transaction', `({db}) => { db.exec('BEGIN') }`, 'BEGIN is not allowed in a migration'],
		['ends the transaction', `({db}) => { db.prepare('COMMIT').run() }`, 'COMMIT is not allowed in a migration'],
		['changes the schema', `({db}) => { db.exec('ALTER TABLE t ADD COLUMN y') }`, 'the code changed table t, but op.run is only for data changes'],
	])('%s: everything is rolled back', async (_, body, message) => {
		write(body);
		expect(await failed({consent: true})).toMatchObject({message: expect.stringContaining(message), location: {line: 4}});
		expectUnchanged();
	});

	// Such code would end the process of the tests.
	test.each([
		['never settles', `() => new Promise(() => {})`, 'failed the code awaits a promise that can never settle 4'],
		['leaves the process', `() => process.exit(0)`, ''],
	])('%s: everything is rolled back', async (_, body, said) => {
		write(body);
		const other = otherProcess(
			`import {apply} from 'source/core/migrations/run/apply.ts';
			let last;
			for await (const event of apply({database: '${project.file}', migrationsDir: '${project.migrationsDir}', direction: 'upgrade', backup: 'never', toolVersion: '1', consent: true})) last = event;
			console.log(last.type, last.message, last.location?.line);`,
		);
		expect(await other.ended).toBe(0);
		expect(other.output()).toContain(said);
		expectUnchanged();
	});
});
