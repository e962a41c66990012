import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {diff} from '../../source/core/diff/diff.ts';
import type {ApplyEvent, Direction} from '../../source/core/migrations/event.ts';
import {loadMigrations, migrationsIn} from '../../source/core/migrations/files/source.ts';
import {managedSchema} from '../../source/core/migrations/history/managed-schema.ts';
import {replayFromNothing} from '../../source/core/migrations/replay/replay.ts';
import {apply} from '../../source/core/migrations/run/apply.ts';
import {loadModels} from '../../source/core/models/load.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';

const sample = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'migrations-sample');
const project = mkdtempSync(join(tmpdir(), 'lite-migr-sample-'));
const database = join(project, 'shop.db');

beforeAll(() => {
	for (const part of ['models', 'migrations']) cpSync(join(sample, part), join(project, part), {recursive: true});
});

afterAll(() => rmSync(project, {recursive: true, force: true}));

async function run(direction: Direction, more: {readonly to?: string; readonly steps?: number} = {}): Promise<ApplyEvent | undefined> {
	let last: ApplyEvent | undefined;
	const options = {
		database,
		migrationsDir: join(project, 'migrations'),
		direction,
		backup: 'never',
		toolVersion: '1.0.0',
		consent: true,
		...more,
	} as const;
	for await (const event of apply(options)) last = event;
	return last;
}

function look<T>(read: (db: Database) => T): T {
	const db = openDatabase(database, {readonly: true});
	try {
		return read(db);
	} finally {
		db.close();
	}
}

describe('the sample project', () => {
	test('has migrations that create the schema of its models', async () => {
		const {schema} = await replayFromNothing(await loadMigrations(migrationsIn(join(project, 'migrations'))));
		expect(diff(schema, await loadModels(join(project, 'models')))).toMatchObject({operations: [], questions: []});
	});

	test('keeps its rows through a rename, a conversion, a drop and data changes', async () => {
		expect(await run('upgrade')).toMatchObject({type: 'done', currentMigration: '20260501_160000_tidy_up'});
		look((db) => {
			expect(db.get('SELECT full_name, email FROM customer WHERE id = 1')).toEqual({full_name: 'Bob Hart', email: 'bob.1@example.com'});
			expect(db.value('SELECT price_cents FROM product WHERE id = 1')).toBe(1099);
			expect(db.value('SELECT count(*) FROM purchase_item')).toBe(300);
			expect(db.value("SELECT count(*) FROM review WHERE body = 'as described'")).toBe(300);
			expect(db.value('SELECT sum(total_cents) FROM purchase_total')).toBe(db.value('SELECT sum(quantity * price_cents) FROM purchase_item'));
			expect(db.value("SELECT seq FROM sqlite_sequence WHERE name = 'purchase'")).toBe(150);
			expect(db.all('PRAGMA foreign_key_check')).toEqual([]);
			expect(db.value('PRAGMA integrity_check')).toBe('ok');
		});
	});

	test('keeps its trigger working', () => {
		const db = openDatabase(database);
		const before = Number(db.value('SELECT stock FROM product WHERE id = 24'));
		db.exec('INSERT INTO purchase_item VALUES (1, 24, 3, 100)');
		expect(db.value('SELECT stock FROM product WHERE id = 24')).toBe(before - 3);
		db.close();
	});

	test('can be downgraded completely and upgraded again', async () => {
		expect(await run('downgrade', {steps: 6})).toMatchObject({type: 'done', currentMigration: null});
		look((db) => expect(managedSchema(introspect(db), []).tables).toEqual([]));
		expect(await run('upgrade')).toMatchObject({type: 'done'});
		const models = await loadModels(join(project, 'models'));
		look((db) => expect(diff(managedSchema(introspect(db), []), models)).toMatchObject({operations: [], questions: []}));
	});
});
