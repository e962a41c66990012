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

const definitions = [
	['e  INTEGER NOT  NULL DEFAULT(0)', '"ü x" TEXT COLLATE  NOCASE', "f DEFAULT 'a, b'", 'g REFERENCES t (a)  ON DELETE CASCADE'],
	['e INTEGER', 'f INTEGER AS (e + 1)', 'g INTEGER CHECK (g > 0 OR g IS NULL)'],
	['f INTEGER GENERATED ALWAYS AS (e + 1)', 'e INTEGER'],
	['"as" TEXT', '"check" TEXT', '[e f] decimal( 10, 2 )'],
	['e REFERENCES t DEFERRABLE INITIALLY DEFERRED', 'CURRENT_DATE TEXT', "'f' BLOB DEFAULT x'00'"],
];
const started = [
	'CREATE TABLE t (a TEXT UNIQUE, b)',
	'CREATE TABLE "t" (\n\t"ä" TEXT, -- ö, ü)\n\ta TEXT UNIQUE /* , */\n\t, CHECK (a <> \'ß)\')\n)',
];

test.each(started.flatMap((table) => definitions.map((columns) => [table, columns] as const)))(
	'columns that one migration adds have the text that SQLite stores: %j, %j',
	async (table, columns) => {
		const added = columns.map((definition): Operation => ({kind: 'addColumn', table: 't', definition}));
		const db = openInMemory();
		try {
			db.exec(table);
			const {migrations} = await replay(introspect(db), [{name: 'm', path: 'm.ts', operations: added}]);
			const [only] = migrations;
			for (const step of only?.steps ?? []) if (step.kind === 'statements') for (const sql of step.statements) db.exec(sql);
			expect(textsIn(only?.after ?? emptySchema)).toEqual(textsIn(introspect(db)));
		} finally {
			db.close();
		}
	},
);
