import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {diff} from '../../../../../source/core/diff/diff.ts';
import {readPythonMigration} from '../../../../../source/core/migrations/files/python/read.ts';
import {perform} from '../../../../../source/core/migrations/replay/perform.ts';
import {replay} from '../../../../../source/core/migrations/replay/replay.ts';
import {plan} from '../../../../../source/core/plan/plan.ts';
import {preview} from '../../../../../source/core/plan/preview.ts';
import {quoted} from '../../../../../source/core/schema/identifiers.ts';
import type {Database} from '../../../../../source/core/sqlite/database.ts';
import {introspect} from '../../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../../source/core/sqlite/open.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

function databaseFrom(sql: string): Database {
	const db = openInMemory();
	db.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
	return db;
}

/** Returns every row of every table, by the table's name. */
function rowsOf(db: Database): Record<string, unknown> {
	const tables = introspect(db).tables.map(({name}) => name);
	return Object.fromEntries(tables.map((name) => [name, db.all(`SELECT rowid AS "rowid of it", * FROM ${quoted(name)} ORDER BY 1`)]));
}

describe('a migration of pylite-orm has the same result as in pylite-orm 0.1.4', () => {
	for (const name of readdirSync(fixtures)) {
		test(name, async () => {
			const read = (file: string) => readFileSync(join(fixtures, name, file), 'utf8');
			const {upgrade} = readPythonMigration('20260101_000000_x.py', read('migration.py'));
			const db = databaseFrom(read('before.sql'));
			const before = introspect(db);
			db.exec('BEGIN');
			for await (const _ of perform(db, upgrade));
			db.exec('COMMIT');
			const facts = databaseFrom(read('after.sql'));
			expect(diff(introspect(db), introspect(facts)), 'the schema').toMatchObject({operations: [], questions: []});
			expect(diff(introspect(facts), introspect(db)), 'the schema').toMatchObject({operations: [], questions: []});
			expect(rowsOf(db)).toEqual(rowsOf(facts));

			const replayed = await replay(before, [{name, path: `${name}.py`, operations: upgrade}]);
			expect(diff(replayed.schema, introspect(facts)), 'the replay').toMatchObject({operations: [], questions: []});
			const planned = plan(before, upgrade);
			expect(preview(before, upgrade.slice(0, planned.planned), planned)).toBeInstanceOf(Array);
		});
	}
});
