import {expect, test} from 'vitest';
import {replay} from '../../../../source/core/migrations/replay/replay.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {emptySchema, type Schema} from '../../../../source/core/schema/schema.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

const tables = [
	'CREATE TABLE t (a TEXT, b)',
	'CREATE TABLE t (\n\ta TEXT,\n\tb\n)',
	'CREATE TABLE t (a TEXT, b -- the last one\n)',
	'CREATE TABLE t (a TEXT, b /* the last one */)',
	'CREATE TABLE t (a TEXT, b , CHECK (a <> b))',
	'CREATE TABLE t (a TEXT, b ANY\n, CHECK (a <> b)\n) STRICT',
	'CREATE TABLE t (a TEXT PRIMARY KEY, b ) WITHOUT  ROWID',
	'create  table\nt (a TEXT, b)',
	'CREATE TABLE main.t (a TEXT, b)',
	'CREATE TABLE main . "t" (a TEXT, b)',
	'CREATE TABLE IF NOT EXISTS t(a TEXT, b)',
	'CREATE /* a */ TABLE t (a TEXT, b)',
	'-- a\nCREATE TABLE t (a TEXT, b) -- b',
	'CREATE TABLE t (a TEXT, b) ;',
	'CREATE TABLE [t] (a TEXT, b)',
	"CREATE TABLE 't' (a TEXT, b)",
];
const indexes = [
	'CREATE INDEX i ON t (a)',
	'create  index i on t (a)',
	'CREATE UNIQUE  INDEX i ON t (a)',
	'CREATE INDEX IF NOT EXISTS main.i ON t (a) -- b',
	'CREATE INDEX i ON t (a) WHERE b > 1;',
];

function textsIn({tables: allTables, indexes: allIndexes}: Schema): readonly string[] {
	return [...allTables, ...allIndexes].map(({sql}) => sql);
}

test.each(tables.flatMap((table, at) => [[table, indexes[at % indexes.length] as string] as const]))(
	'the schemas of a replay have the texts that SQLite stores: %j, %j',
	async (table, index) => {
		const steps: readonly (readonly [Operation, sql: string])[] = [
			[{kind: 'createTable', sql: table}, table],
			[{kind: 'createIndex', sql: index}, index],
			[{kind: 'addColumn', table: 'T', definition: 'c  TEXT DEFAULT 1'}, 'ALTER TABLE t ADD COLUMN c TEXT DEFAULT 1'],
			[{kind: 'addColumn', table: 't', definition: 'd TEXT'}, 'ALTER TABLE t ADD COLUMN d TEXT'],
		];
		const db = openInMemory();
		try {
			const {migrations} = await replay(
				emptySchema,
				steps.map(([operation], at) => ({name: `m${at}`, path: `m${at}.ts`, operations: [operation]})),
			);
			for (const [at, {after}] of migrations.entries()) {
				db.exec(steps[at]?.[1] ?? '');
				const stored = introspect(db);
				expect(textsIn(after)).toEqual(textsIn(stored));
			}
		} finally {
			db.close();
		}
	},
);
