import {withStoredHead} from '../ddl/create-head.ts';
import {fixDoubleQuotedStrings} from '../ddl/quoted-strings.ts';
import {MigrError} from '../errors.ts';
import {identifier, quoted} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Index, Schema, SchemaObject, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';
import {openInMemory} from './open.ts';
import {parkedSchema} from './parked-schema.ts';

/**
 * Creates a database in memory with this schema and no rows, to try steps on.
 *
 * SQLite reads some definitions from old files that it no longer creates: string literals in double quotes, and functions, collations and modules of
 * another program. For these, a stand-in with the same key, UNIQUE constraints and name is created, and its text is written to `sqlite_schema`.
 *
 * @throws MigrError `database` if SQLite cannot read a definition at all
 */
export function memoryCopy(schema: Schema): Database {
	const db = openInMemory();
	const objects: readonly SchemaObject[] = [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views, ...schema.triggers];
	if (tryAll(db, objects) === undefined) return db;
	if (db.inTransaction) db.exec('ROLLBACK');
	try {
		db.exec('BEGIN');
		for (const object of objects) createOrStandIn(db, object, schema);
		db.exec('COMMIT');
		return db;
	} catch (error) {
		db.close();
		throw error;
	}
}

/** Creates all objects, or none. Returns the error of the first one that is refused. */
function tryAll(db: Database, objects: readonly SchemaObject[]): unknown {
	const parked = parkedSchema(db);
	try {
		db.exec('BEGIN');
		for (const object of objects) {
			if (object.kind === 'table' || object.kind === 'index') parked.beforeChange('create', object.kind === 'index' ? object.table : undefined);
			else parked.restore();
			db.exec(object.sql);
		}
		parked.restore();
		db.exec('COMMIT');
		return undefined;
	} catch (error) {
		return error ?? new Error('unknown');
	}
}

function tryExec(db: Database, sql: string): unknown {
	try {
		db.exec(sql);
		return undefined;
	} catch (error) {
		return error ?? new Error('unknown');
	}
}

/** Creates an object, or a stand-in for it if SQLite refuses its definition. */
export function createOrStandIn(db: Database, object: SchemaObject, schema: Schema): void {
	const refused = tryExec(db, object.sql);
	if (refused === undefined) return;
	const failure = tryForce(db, object, schema);
	if (failure === undefined) return;
	throw new MigrError('database', `the definition of ${clean(object.name)} cannot be loaded: ${clean((failure as Error).message)}`, {
		...(object.kind === 'table' ? {location: {table: object.name}} : {}),
		details: [clean(object.sql)],
		cause: refused,
	});
}

function tryForce(db: Database, object: SchemaObject, schema: Schema): unknown {
	try {
		if (object.kind === 'table') overwrite(db, object, tableStandIns(object));
		else if (object.kind === 'index') overwrite(db, object, indexStandIns(object, schema));
		else insertRow(db, object);
		// Loads the schema, which fails if SQLite cannot even read the definition.
		db.value('SELECT count(*) FROM sqlite_schema');
		return undefined;
	} catch (error) {
		return error;
	}
}

/** Returns definitions to try: first with fixed string literals, then only what determines the storage (columns, key and UNIQUE constraints). */
function tableStandIns(table: Table): readonly string[] {
	const fixed = fixDoubleQuotedStrings(
		table.sql,
		table.columns.map(({name}) => name),
	);
	const list = (columns: readonly {readonly name: string}[]) => columns.map(({name}) => quoted(name)).join(', ');
	const key = table.primaryKey;
	const parts = [
		...table.columns.map(({name, type}) => {
			const isRowid = key?.rowidAlias === true && key.columns[0]?.name === name;
			return `${quoted(name)} ${isRowid ? `INTEGER PRIMARY KEY${key.autoincrement ? ' AUTOINCREMENT' : ''}` : type}`;
		}),
		...(key === undefined || key.rowidAlias ? [] : [`PRIMARY KEY (${list(key.columns)})`]),
		...table.uniques.map(({columns}) => `UNIQUE (${list(columns)})`),
	];
	const options = [...(table.withoutRowid ? ['WITHOUT ROWID'] : []), ...(table.strict ? ['STRICT'] : [])].join(', ');
	return [fixed, `CREATE TABLE ${quoted(table.name)} (${parts.join(', ')}) ${options}`];
}

function indexStandIns(index: Index, schema: Schema): readonly string[] {
	const table = findTable(schema, index.table);
	const columns = table?.columns.map(({name}) => name) ?? [];
	const [first = 'rowid'] = columns;
	return [
		fixDoubleQuotedStrings(index.sql, columns),
		`CREATE INDEX ${quoted(index.name)} ON ${quoted(index.table)} (${identifier(first)} COLLATE BINARY)`,
	];
}

function overwrite(db: Database, object: Table | Index, standIns: readonly string[]): void {
	const failures = standIns.map((sql) => () => tryExec(db, sql));
	let last: unknown;
	for (const attempt of failures) {
		last = attempt();
		if (last === undefined) break;
	}
	if (last !== undefined) throw last;
	const update = 'UPDATE sqlite_schema SET sql = ? WHERE type = ? AND name = ? COLLATE NOCASE';
	writeSchema(db, () => db.run(update, withStoredHead(object.sql), object.kind, object.name));
}

/** Inserts a view, trigger or virtual table. These have no separate pages, so their schema row is enough. */
function insertRow(db: Database, object: Exclude<SchemaObject, Table | Index>): void {
	const type = object.kind === 'virtualTable' ? 'table' : object.kind;
	const table = object.kind === 'trigger' ? object.table : object.name;
	const insert = 'INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, 0, ?)';
	writeSchema(db, () => db.run(insert, type, object.name, table, withStoredHead(object.sql)));
}

function writeSchema(db: Database, write: () => void): void {
	const native = nativeOf(db);
	native.unsafeMode(true);
	try {
		db.exec('PRAGMA writable_schema = ON');
		write();
		db.exec('PRAGMA writable_schema = RESET');
	} finally {
		native.unsafeMode(false);
	}
}
