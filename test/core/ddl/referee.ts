import Database from 'better-sqlite3';
import {readSql} from '../../../source/core/ddl/expression.ts';
import {significantTokens, tokenName} from '../../../source/core/ddl/lexer.ts';
import {readSchema} from '../../../source/core/ddl/read.ts';
import {literal, nameKey, quoted, sameName} from '../../../source/core/schema/identifiers.ts';
import {findColumn} from '../../../source/core/schema/lookup.ts';
import {normalType} from '../../../source/core/schema/normal-form.ts';
import type {Index, KeyColumn, Schema, Table} from '../../../source/core/schema/schema.ts';

/** Facts about the tables and indexes of a schema, in one shape, as SQLite's pragmas report them and as lite-migr reads them. */
export interface Facts {
	readonly tables: readonly TableFacts[];
}

interface TableFacts {
	readonly name: string;
	readonly strict: boolean;
	readonly withoutRowid: boolean;
	readonly columns: readonly string[];
	readonly foreignKeys: readonly string[];
	readonly indexes: readonly string[];
}

interface PragmaRow {
	readonly [key: string]: string | number | null;
}

/** Returns a new in-memory database after running the statements. Throws the errors of SQLite. */
export function databaseOf(...statements: readonly string[]): Database.Database {
	const db = new Database(':memory:');
	try {
		for (const statement of statements) db.exec(statement);
	} catch (error) {
		db.close();
		throw error;
	}

	return db;
}

/** True if SQLite accepts the statements in an empty database. */
export function isAccepted(...statements: readonly string[]): boolean {
	try {
		databaseOf(...statements).close();
		return true;
	} catch {
		return false;
	}
}

export function schemaRows(db: Database.Database): {type: string; name: string; sql: string | null}[] {
	return db.prepare<[], {type: string; name: string; sql: string | null}>('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid').all();
}

export function readDatabase(db: Database.Database): Schema {
	return readSchema(schemaRows(db));
}

/** Returns the facts from table_list, table_xinfo, foreign_key_list, index_list and index_xinfo. */
export function factsOfPragmas(db: Database.Database): Facts {
	const tables = (db.pragma('main.table_list') as PragmaRow[]).filter((row) => row.type === 'table' && !String(row.name).startsWith('sqlite_'));
	return {
		tables: tables.map((row) => tableFacts(db, row)).sort((a, b) => (a.name < b.name ? -1 : 1)),
	};
}

function tableFacts(db: Database.Database, row: PragmaRow): TableFacts {
	const name = quoted(String(row.name));
	const columns = db.pragma(`table_xinfo(${name})`) as PragmaRow[];
	const indexes = db.pragma(`index_list(${name})`) as PragmaRow[];
	const isAlias = columns.filter((column) => column.pk !== 0).length === 1 && !indexes.some((index) => index.origin === 'pk');
	return {
		name: nameKey(String(row.name)),
		strict: row.strict === 1,
		withoutRowid: row.wr === 1,
		columns: columns.map((column) =>
			[
				column.name,
				normalType(String(column.type).replace(/\/\*.*?\*\/|--.*(?:\n|$)/g, ' ')),
				column.notnull === 1 && !(isAlias && column.pk !== 0) ? 'not null' : '',
				`default ${column.dflt_value === null ? '' : defaultText(String(column.dflt_value))}`,
				`key ${column.pk}`,
				`hidden ${column.hidden}`,
			].join('|'),
		),
		foreignKeys: foreignKeyFacts(db.pragma(`foreign_key_list(${name})`) as PragmaRow[]),
		indexes: indexes
			.map((index) => {
				const parts = (db.pragma(`index_xinfo(${quoted(String(index.name))})`) as PragmaRow[]).filter((part) => part.key === 1);
				const columnTexts = parts.map((part) => `${part.name ?? '?'} ${nameKey(String(part.coll))}${part.desc === 1 ? ' desc' : ''}`);
				const own = index.origin === 'c' ? nameKey(String(index.name)) : 'automatic';
				return [own, index.unique === 1 ? 'unique' : '', index.partial === 1 ? 'partial' : '', columnTexts.join(',')].join('|');
			})
			.sort(),
	};
}

function defaultText(text: string): string {
	const {tokens} = significantTokens(text);
	const [only] = tokens;
	const isName = only?.kind === 'quotedName' || (only?.kind === 'word' && !/^(?:true|false|null|current_.*)$/i.test(only.text));
	return only !== undefined && tokens.length === 1 && isName ? literal(tokenName(only)) : readSql(text.replace(/^\+/, '')).normal;
}

function foreignKeyFacts(rows: readonly PragmaRow[]): string[] {
	return [...Map.groupBy(rows, (row) => row.id).values()]
		.map((group) => {
			const [first] = group;
			const pairs = group.map((row) => `${row.from}=${row.to ?? ''}`).join(',');
			return [pairs, first?.table, first?.on_update, first?.on_delete].join('|'); // `match` is always NONE
		})
		.sort();
}

/** Returns the same facts from a schema that lite-migr read. */
export function factsOfSchema(schema: Schema): Facts {
	return {
		tables: schema.tables
			.map((table) => ({
				name: nameKey(table.name),
				strict: table.strict,
				withoutRowid: table.withoutRowid,
				columns: table.columns.map((column) => columnFacts(table, column)),
				foreignKeys: table.foreignKeys
					.map((key) => {
						const pairs = key.columns.map((column, index) => `${findColumn(table, column)?.name}=${key.parentColumns[index] ?? ''}`).join(',');
						return [pairs, key.parent, key.onUpdate ?? 'NO ACTION', key.onDelete ?? 'NO ACTION'].join('|');
					})
					.sort(),
				indexes: [
					...automaticIndexes(table),
					...schema.indexes.filter((index) => sameName(index.table, table.name)).map((index) => indexFacts(index, table)),
				].sort(),
			}))
			.sort((a, b) => (a.name < b.name ? -1 : 1)),
	};
}

function columnFacts(table: Table, column: Table['columns'][number]): string {
	const key = table.primaryKey;
	const position = (key?.columns.findIndex((part) => sameName(part.name, column.name)) ?? -1) + 1;
	const implied = position > 0 && key?.rowidAlias === false && (table.withoutRowid || table.strict);
	const notNull = (column.notNull !== undefined || implied) && !(position > 0 && key?.rowidAlias === true);
	return [
		column.name,
		normalType(typeInQuotes(column.type)),
		notNull ? 'not null' : '',
		`default ${column.default?.normal ?? ''}`,
		`key ${position}`,
		`hidden ${column.generated === undefined ? 0 : column.generated.stored ? 3 : 2}`,
	].join('|');
}

/** Returns a type as SQLite shows it. If it begins with a quote, SQLite shows the text inside the quotes. */
function typeInQuotes(type: string): string {
	const inside = /^(["'`])((?:(?!\1).|\1\1)*)\1/s.exec(type);
	return inside === null ? type : (inside[2] ?? '').replaceAll(type.charAt(0).repeat(2), type.charAt(0));
}

function automaticIndexes(table: Table): string[] {
	const keys: (readonly KeyColumn[])[] = table.uniques.map((unique) => unique.columns);
	if (table.primaryKey !== undefined && !table.primaryKey.rowidAlias) keys.unshift(table.primaryKey.columns);
	const seen = new Map<string, string>();
	for (const columns of keys) {
		const parts = columns.map(
			(part) => `${findColumn(table, part.name)?.name} ${nameKey(part.collate ?? findColumn(table, part.name)?.collate ?? 'binary')}`,
		);
		const text = columns.map((part, index) => `${parts[index]}${part.descending ? ' desc' : ''}`).join(',');
		if (!seen.has(parts.join(','))) seen.set(parts.join(','), `automatic|unique||${text}`);
	}

	return [...seen.values()];
}

function indexFacts(index: Index, table: Table): string {
	const columns = index.columns.map((part) => {
		const column = part.column === undefined ? undefined : findColumn(table, part.column);
		return `${column?.name ?? '?'} ${nameKey(part.collate ?? column?.collate ?? 'binary')}${part.descending ? ' desc' : ''}`;
	});
	return [nameKey(index.name), index.unique ? 'unique' : '', index.where === undefined ? '' : 'partial', columns.join(',')].join('|');
}
