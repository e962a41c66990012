import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {memoryCopy} from '../../../source/core/sqlite/memory-copy.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {parkedSchema, type SchemaChange} from '../../../source/core/sqlite/parked-schema.ts';
import {bytesOf, openBytes} from '../../laws/bytes.ts';

const statements = Array.from({length: 400}, (_, index) => [
	`CREATE TABLE t${index} (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, y REFERENCES t${index + 1})`,
	`CREATE INDEX i${index} ON t${index} (y)`,
]).flat();

interface Change {
	readonly sql: string;
	readonly kind: SchemaChange;
	readonly table: string | undefined;
}

const created = statements.map((sql, at): Change => ({sql, kind: 'create', table: at % 2 === 0 ? undefined : `t${(at - 1) / 2}`}));

function addColumn(table: string, name: string): Change {
	return {sql: `ALTER TABLE ${table} ADD COLUMN ${name} TEXT DEFAULT 'x' CHECK (${name} <> '')`, kind: 'addColumn', table};
}

interface Start {
	readonly plain?: Database;
	readonly parking?: Database;
	/** Changes that `plain` contains already. */
	readonly first?: readonly Change[];
}

/** Makes the same changes with and without parked rows. Returns the databases, with all rows, in a transaction. */
function bothWays(
	changes: readonly Change[],
	{plain = openInMemory(), parking = openInMemory(), first = []}: Start = {},
): readonly [plain: Database, parking: Database, mostParked: number] {
	for (const db of [plain, parking]) db.exec('BEGIN');
	const parked = parkedSchema(parking);
	const park = ({sql, kind, table}: Change) => {
		parked.beforeChange(kind, table);
		parking.exec(sql);
	};
	for (const change of first) park(change);
	let mostParked = 0;
	for (const change of changes) {
		plain.exec(change.sql);
		park(change);
		mostParked = Math.max(mostParked, rowCount(plain) - rowCount(parking));
	}
	parked.restore();
	return [plain, parking, mostParked];
}

let bytes: Uint8Array | undefined;

/** Returns a new database with all of these tables and indexes. Creating them takes much longer than reading their bytes. */
function large(): Database {
	bytes ??= bytesOf(filled(statements));
	return openBytes(bytes);
}

function filled(sql: readonly string[]): Database {
	const db = openInMemory();
	db.exec(sql.join(';'));
	return db;
}

function rowCount(db: Database): number {
	return Number(db.value('SELECT count(*) FROM sqlite_schema'));
}

function expectSame(plain: Database, parking: Database): void {
	const rows = 'SELECT rowid, type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid';
	expect(parking.tuples(rows)).toEqual(plain.tuples(rows));
	expect(parking.value('PRAGMA integrity_check')).toBe('ok');
	for (const db of [plain, parking]) db.close();
}

test('objects that are created while rows are parked are the same, and the database is whole', () => {
	const [plain, parking, mostParked] = bothWays(created);
	expect(mostParked).toBeGreaterThan(500);
	expect(() => parking.exec('CREATE TABLE t0 (x)')).toThrow('table t0 already exists');
	for (const db of [plain, parking]) db.exec('ALTER TABLE t7 ADD COLUMN z; DROP TABLE t8; INSERT INTO t9 (x) VALUES (1); COMMIT');
	expectSame(plain, parking);
});

test('columns and indexes that are added in any order while rows are parked are the same, and the database is whole', () => {
	fc.assert(
		fc.property(
			fc.array(fc.record({table: fc.integer({min: 0, max: 399}), what: fc.constantFrom('column', 'column', 'index', 'table')}), {
				minLength: 20,
				maxLength: 80,
			}),
			fc.boolean(),
			(choices, startsBefore) => {
				const changes = choices.map(({table, what}, at): Change => {
					if (what === 'column') return addColumn(`t${table}`, `c${at}`);
					if (what === 'index') return {sql: `CREATE INDEX j${at} ON T${table} (y, x)`, kind: 'create', table: `T${table}`};
					return {sql: `CREATE TABLE n${at} (id INTEGER PRIMARY KEY AUTOINCREMENT, y REFERENCES t${table})`, kind: 'create', table: undefined};
				});
				const [plain, parking] = bothWays(changes, startsBefore ? {plain: large(), parking: large()} : {plain: large(), first: created});
				for (const db of [plain, parking]) db.exec('INSERT INTO t9 (x) VALUES (1); COMMIT');
				expectSame(plain, parking);
			},
		),
		{numRuns: 30},
	);
});

test('a view and a trigger survive changes while their rows are parked', () => {
	const others = ['CREATE VIEW v AS SELECT x FROM t1', 'CREATE TRIGGER g AFTER INSERT ON t1 BEGIN UPDATE t2 SET x = new.x; END'];
	const [plain, parking, mostParked] = bothWays(
		Array.from({length: 40}, (_, at) => addColumn(`t${at % 5}`, `c${at}`)),
		{plain: filled([...statements, ...others]), parking: filled([...statements, ...others])},
	);
	expect(mostParked).toBeGreaterThan(500);
	for (const db of [plain, parking]) db.exec("INSERT INTO t2 (x) VALUES ('old'); INSERT INTO t1 (x) VALUES ('new'); COMMIT");
	for (const db of [plain, parking]) expect([db.value('SELECT x FROM t2'), db.value('SELECT x FROM v')]).toEqual(['new', 'new']);
	expectSame(plain, parking);
});

test('a copy of a large schema is the same schema', () => {
	const db = openInMemory();
	for (const sql of [...statements, 'CREATE VIEW v AS SELECT x FROM t1', 'CREATE VIRTUAL TABLE f USING fts5(x)']) db.exec(sql);
	const schema = introspect(db);
	const copy = memoryCopy(schema);
	expect(introspect(copy)).toEqual(schema);
	expect(copy.value('PRAGMA integrity_check')).toBe('ok');
	for (const one of [db, copy]) one.close();
});
