import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findDrift} from '../../../source/core/migrations/drift/drift.ts';
import type {ApplyEvent} from '../../../source/core/migrations/event.ts';
import {migrationsIn} from '../../../source/core/migrations/files/source.ts';
import {projectState} from '../../../source/core/migrations/history/state.ts';
import {apply} from '../../../source/core/migrations/run/apply.ts';
import {draftSquash, writeSquash} from '../../../source/core/migrations/squash.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';

let folder: string;
const at = (...parts: readonly string[]) => join(folder, ...parts);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lite-migr-squash-'));
	mkdirSync(at('migrations'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

function write(name: string, upgrade: string, downgrade = ''): void {
	writeFileSync(at('migrations', `${name}.ts`), `export function upgrade(op) {\n${upgrade}\n}\nexport function downgrade(op) {\n${downgrade}\n}\n`);
}

async function run(direction: 'upgrade' | 'downgrade', database = 'app.db', more: object = {}): Promise<ApplyEvent> {
	let last: ApplyEvent | undefined;
	for await (const event of apply({
		database: at(database),
		migrationsDir: at('migrations'),
		direction,
		backup: 'never',
		backupDir: at('backups'),
		backupKeep: 5,
		wait: 1,
		toolVersion: '1.0.0',
		consent: true,
		...more,
	} as Parameters<typeof apply>[0])) {
		last = event;
	}
	return last as ApplyEvent;
}

function history(): void {
	write(
		'20260101_000000_a',
		"op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)'); op.createIndex('CREATE INDEX by_name ON user (name)');",
		"op.dropTable('user');",
	);
	write(
		'20260102_000000_b',
		"op.renameColumn('user', 'name', 'full_name'); op.addColumn('user', 'age INTEGER');",
		"op.dropColumn('user', 'age'); op.renameColumn('user', 'full_name', 'name');",
	);
	write(
		'20260103_000000_c',
		"op.createView('CREATE VIEW adult AS SELECT * FROM user WHERE age > 17'); op.createTable('CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id))');",
		"op.dropTable('post'); op.dropView('adult');",
	);
}

const request = (more: object = {}) => ({dbPath: at('app.db'), migrationsDir: at('migrations'), name: 'start', withoutData: false, wait: 1, ...more});

function stateNow(database = 'app.db') {
	const db = openDatabase(at(database), {readonly: true});
	try {
		const state = projectState(migrationsIn(at('migrations')), db);
		return {
			applied: state.applied.map(({name}) => name),
			pending: state.pending.map(({file}) => file.name),
			edited: state.edited,
			missing: state.missing,
		};
	} finally {
		db.close();
	}
}

describe('squash', () => {
	test('combines applied migrations into one that builds the same schema, and moves their files', async () => {
		history();
		await run('upgrade');
		const draft = await draftSquash(request());
		const done = await writeSquash(request(), draft);
		expect(done.name).toBe('20260103_000000_start');
		expect(readdirSync(at('migrations')).sort()).toEqual(['20260103_000000_start.ts', '_squashed']);
		expect(stateNow()).toEqual({applied: ['20260103_000000_start'], pending: [], edited: [], missing: []});
		const db = openDatabase(at('app.db'), {readonly: true});
		expect((await findDrift(db, projectState(migrationsIn(at('migrations')), db))).differences).toEqual([]);
		db.close();
	});

	test('creates a new database, and can be undone', async () => {
		history();
		await run('upgrade');
		await writeSquash(request(), await draftSquash(request()));
		expect(await run('upgrade', 'new.db')).toMatchObject({type: 'done', currentMigration: '20260103_000000_start'});
		expect(await run('downgrade', 'new.db')).toMatchObject({type: 'done', currentMigration: null});
		const db = openDatabase(at('new.db'), {readonly: true});
		expect(db.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> '_lite_migr'")).toEqual([]);
		db.close();
	});

	test('counts as applied in another database that has applied all migrations it replaces', async () => {
		history();
		await run('upgrade');
		await run('upgrade', 'other.db');
		await writeSquash(request(), await draftSquash(request()));
		expect(stateNow('other.db')).toEqual({applied: ['20260103_000000_start'], pending: [], edited: [], missing: []});
		write('20260104_000000_d', "op.addColumn('post', 'title TEXT');", "op.dropColumn('post', 'title');");
		expect(await run('upgrade', 'other.db')).toMatchObject({type: 'done', currentMigration: '20260104_000000_d'});
		expect(stateNow('other.db')).toMatchObject({applied: ['20260103_000000_start', '20260104_000000_d'], missing: []});
	});

	test('fails in a database that has applied only some of the migrations it replaces, and works once their files are restored', async () => {
		history();
		await run('upgrade');
		await run('upgrade', 'half.db', {to: '20260102_000000_b'});
		await writeSquash(request(), await draftSquash(request()));
		expect(() => stateNow('half.db')).toThrow(/only 2 of the 3 migrations that 20260103_000000_start replaces/);
		expect(await run('upgrade', 'half.db')).toMatchObject({
			type: 'failed',
			code: 'history',
			details: expect.arrayContaining(['not applied: 20260103_000000_c']),
		});
		const parts = readdirSync(at('migrations', '_squashed'));
		for (const part of parts) renameSync(at('migrations', '_squashed', part), at('migrations', part));
		expect(await run('upgrade', 'half.db')).toMatchObject({type: 'done'});
		for (const part of parts) rmSync(at('migrations', part));
		expect(stateNow('half.db')).toMatchObject({applied: ['20260103_000000_start'], pending: [], missing: []});
	});

	test('can be undone even if it contains data changes', async () => {
		history();
		write(
			'20260104_000000_d',
			`op.execute("INSERT INTO user (full_name) VALUES ('Ann')"); op.execute("CREATE VIEW name AS SELECT full_name FROM user");`,
		);
		await run('upgrade');
		writeSquash(request(), await draftSquash(request()));
		expect(await run('upgrade', 'new.db')).toMatchObject({type: 'done'});
		expect(await run('downgrade', 'new.db')).toMatchObject({type: 'done', currentMigration: null});
		const db = openDatabase(at('new.db'), {readonly: true});
		expect(db.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> '_lite_migr'")).toEqual([]);
		db.close();
	});

	test('keeps data changes in their order', async () => {
		history();
		write('20260104_000000_d', `op.execute("INSERT INTO user (full_name) VALUES ('Ann')");`);
		write('20260105_000000_e', "op.renameColumn('user', 'full_name', 'name');");
		await run('upgrade');
		await writeSquash(request(), await draftSquash(request()));
		expect(await run('upgrade', 'new.db')).toMatchObject({type: 'done'});
		const db = openDatabase(at('new.db'), {readonly: true});
		expect(db.all('SELECT name FROM user')).toEqual([{name: 'Ann'}]);
		db.close();
	});

	test('reports code that it cannot squash, squashes the earlier migrations, or omits the code', async () => {
		history();
		write('20260104_000000_d', "op.run(({db}) => { db.exec('DELETE FROM user'); });");
		await run('upgrade');
		await expect(draftSquash(request())).rejects.toThrow(/20260104_000000_d runs code/);
		const draft = await draftSquash(request({withoutData: true}));
		expect(draft.omitted).toEqual(['20260104_000000_d']);
		await writeSquash(request({to: '20260103_000000_c'}), await draftSquash(request({to: 'c'})));
		expect(stateNow()).toEqual({applied: ['20260103_000000_start', '20260104_000000_d'], pending: [], edited: [], missing: []});
	});

	test('refuses migrations that are edited, missing, pending or alone', async () => {
		history();
		await run('upgrade', 'app.db', {to: '20260101_000000_a'});
		await expect(draftSquash(request())).rejects.toThrow(/nothing to squash/);
		await run('upgrade');
		write('20260101_120000_late', "op.createTable('CREATE TABLE late (x)');");
		await expect(draftSquash(request())).rejects.toThrow(/not applied/);
		rmSync(at('migrations', '20260101_120000_late.ts'));
		rmSync(at('migrations', '20260102_000000_b.ts'));
		await expect(draftSquash(request())).rejects.toThrow(/missing or edited/);
		expect(existsSync(at('migrations', '_squashed'))).toBe(false);
	});
});
