import {spawnSync} from 'node:child_process';
import {copyFileSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestOf, expectWhole, leftovers, stateOf} from './database-state.ts';
import {lockHolder} from './lock-holder.ts';
import {rewriteProject} from './rewrite-project.ts';
import {countMoments, sampleOf, signalledAt} from './signalled.ts';

const project = rewriteProject({rows: 20_000});
const hasShell = spawnSync('sqlite3', ['--version']).status === 0;

/** Returns an environment with a separate temporary folder, which Node itself does not write to. */
function inTemporary(folder: string) {
	return {TMPDIR: folder, NODE_DISABLE_COMPILE_CACHE: '1'};
}

describe('upgrade --dry-run', () => {
	test.each(['delete', 'wal'] as const)(
		'runs on a private copy and removes it; the original stays byte for byte the same (journal_mode=%s)',
		async (journal) => {
			const copy = project.copy(journal);
			const temporary = join(copy.path, 'models', 'tmp');
			mkdirSync(temporary);
			const before = {digest: digestOf(copy.file), modified: statSync(copy.file).mtimeMs};
			const {code, stdout, stderr} = await copy.builtLiteWith({env: inTemporary(temporary)}, 'upgrade', '--dry-run');
			expect({code, stderr}).toEqual({code: 0, stderr: ''});
			expect(stdout).toMatch(/item: \S.* {3}rewrite, 20,000 rows, /);
			expect(stdout).toMatch(/dry run: 2 migrations would be applied in about .*; app\.db is untouched\n$/);
			expect({digest: digestOf(copy.file), modified: statSync(copy.file).mtimeMs}).toEqual(before);
			expect(readdirSync(temporary)).toEqual([]);
			// A process that only reads a database in WAL mode leaves these files for the next writer.
			expect(leftovers(copy.file)).toEqual(journal === 'wal' ? ['app.db-shm', 'app.db-wal'] : []);
			expectWhole(copy.file, {old: project.contents.old});
		},
	);

	test('reports a failure as the run would, and changes nothing', async () => {
		const copy = project.copy();
		copy.write('migrations/20260103_000000_bad.ts', "export function upgrade(op) { op.execute('INSERT INTO owner (id) VALUES (1)'); }");
		const before = digestOf(copy.file);
		const {code, stderr} = await copy.lite('upgrade', '--dry-run');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ 20260103_000000_bad failed: UNIQUE constraint failed: owner\.id\n/);
		expect(stderr).toContain('  a dry run: app.db is untouched\n');
		expect(digestOf(copy.file)).toBe(before);
		expect(leftovers(copy.file)).toEqual([]);
	});

	test('needs no write lock', async () => {
		const copy = project.copy();
		const holder = await lockHolder(copy.file, 'BEGIN IMMEDIATE');
		expect(await copy.lite('upgrade', '--dry-run', '--wait', '1')).toMatchObject({code: 0, stderr: ''});
		await holder.release();
	});

	test('removes its copy if it is interrupted', async () => {
		const temporary = join(project.copy().path, 'models');
		const argv = ['upgrade', '--dry-run', '--json'];
		const count = await countMoments(project.copy(), 'event', argv);
		for (const number of sampleOf(Math.floor(count / 2), 2)) {
			const copy = project.copy();
			expect((await signalledAt(copy, 'event', number, 'SIGINT', argv, inTemporary(temporary))).code).toBe(130);
			expect(readdirSync(temporary)).toEqual([]);
			expectWhole(copy.file, {old: project.contents.old});
		}
	});
});

describe('the copy of a dry run that was killed', () => {
	test.skipIf(process.platform === 'win32')('is removed by the next dry run, but copies in use and files of other programs are kept', async () => {
		const temporary = join(project.copy().path, 'models');
		const env = inTemporary(temporary);
		const argv = ['upgrade', '--dry-run', '--json'];
		const count = await countMoments(project.copy(), 'event', argv);
		await signalledAt(project.copy(), 'event', Math.floor(count / 2), 'SIGKILL', argv, env);
		const left = readdirSync(temporary);
		expect(left.filter((name) => /^\.lite-migr-dry-run-.*\.db$/.test(name))).toHaveLength(1);
		const copyLeft = left.find((name) => name.endsWith('.db')) ?? '';
		for (const suffix of ['-journal', '-lite-migr-lock']) writeFileSync(join(temporary, `${copyLeft}${suffix}`), '');
		// A file with a similar name, and a link to it.
		const others = ['.lite-migr-dry-run-mine.db', `.lite-migr-dry-run-${crypto.randomUUID()}.db.lock`];
		writeFileSync(join(temporary, others[0] ?? ''), 'x');
		symlinkSync(join(temporary, others[0] ?? ''), join(temporary, others[1] ?? ''));
		const atWork = project.copy();
		atWork.write(
			'migrations/20260103_000000_long.ts',
			'export function upgrade(op) { op.run(() => new Promise((resolve) => setTimeout(resolve, 60_000))); }',
		);
		let next: Promise<unknown> | undefined;
		let stayed: {readonly held: readonly string[]; readonly names: readonly string[]} | undefined;
		const long = atWork.builtLiteWith(
			{
				env,
				onStart: (child) => {
					child.stdout?.on('data', (text) => {
						if (!String(text).includes('20260103_000000_long","step":1') || next !== undefined) return;
						const held = readdirSync(temporary).filter((name) => !left.includes(name) && !others.includes(name));
						next = project
							.copy()
							.builtLiteWith({env}, ...argv)
							.finally(() => {
								stayed = {held, names: readdirSync(temporary)};
								child.kill('SIGKILL');
							});
					});
				},
			},
			...argv,
		);
		await long;
		expect(await next).toMatchObject({code: 0, stderr: ''});
		expect(stayed?.held.filter((name) => name.endsWith('.db'))).toHaveLength(1);
		expect(stayed?.names.toSorted()).toEqual([...others, ...(stayed?.held ?? [])].toSorted());
		expect((await project.copy().builtLiteWith({env}, ...argv)).code).toBe(0);
		expect(readdirSync(temporary).toSorted()).toEqual(others.toSorted());
	});
});

describe('upgrade --sql', () => {
	test('prints the SQL that would run, and runs nothing', async () => {
		const copy = project.copy();
		const before = digestOf(copy.file);
		const {code, stdout, stderr} = await copy.lite('upgrade', '--sql', '--yes');
		expect(code).toBe(0);
		expect(stdout).toContain('CREATE INDEX item_price ON item(price);');
		expect(stderr).toBe('! the SQL does not include the code (op.run) of 20260102_000000_city, which only lite-migr upgrade can run\n');
		expect(digestOf(copy.file)).toBe(before);
		expect(leftovers(copy.file)).toEqual([]);
	});

	// Debian and macOS include the shell. Without it, nothing can run the script.
	test.runIf(hasShell)('piped into the sqlite3 shell creates the same schema and rows as the run, for upgrade and downgrade', async () => {
		const copy = project.copy();
		copy.write(
			'migrations/20260102_000000_city.ts',
			`export function upgrade(op) {
				op.addColumn('owner', "city TEXT NOT NULL DEFAULT 'it''s; -- here'");
				op.execute("UPDATE owner SET city = ? WHERE id < 3", ['Rome']);
				op.renameColumn('owner', 'name', 'full_name');
				op.createTrigger("CREATE TRIGGER owner_new AFTER INSERT ON owner BEGIN INSERT INTO log (text) VALUES (CASE WHEN new.id > 5 THEN 'a;' ELSE 'b' END); END");
				op.renameTable('note', 'remark');
				op.changeTable('remark', 'CREATE TABLE remark (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES item(id), text TEXT COLLATE NOCASE)');
			}
			export function downgrade(op) {
				op.changeTable('remark', 'CREATE TABLE remark (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES item(id) ON DELETE CASCADE, text TEXT)');
				op.renameTable('remark', 'note');
				op.dropTrigger('owner_new');
				op.renameColumn('owner', 'full_name', 'name');
				op.dropColumn('owner', 'city');
			}`,
		);
		const other = `${copy.path}/models/other.db`;
		copyFileSync(copy.file, other);
		for (const command of ['upgrade', 'downgrade'] as const) {
			const {code, stdout, stderr} = await copy.lite(command, '--sql');
			expect({code, stderr}).toEqual({code: 0, stderr: ''});
			const shell = spawnSync('sqlite3', ['-bail', other], {input: stdout, encoding: 'utf8'});
			expect({status: shell.status, stderr: shell.stderr}).toEqual({status: 0, stderr: ''});
			expect(await copy.lite(command, '--yes')).toMatchObject({code: 0, stderr: ''});
			expectWhole(other, {run: stateOf(copy.file).contents});
		}
	});
});
