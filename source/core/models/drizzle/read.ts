import {MigrError} from '../../errors.ts';
import {identifier} from '../../schema/identifiers.ts';
import type {Source} from '../../schema/schema.ts';
import {expressionText} from './expression.ts';
import {type Casing, loadOrm, type Orm} from './orm.ts';
import {kindsOf} from './recognise.ts';
import {type SourceLines, sourceLines} from './source-lines.ts';
import {tableStatements} from './table.ts';
import {casedQuery} from './view-casing.ts';

export interface DrizzleOptions {
	/** As in the configuration of drizzle-kit 0.31: names of columns that have none of their own. drizzle-orm 1 states it in the schema. */
	readonly casing?: Casing;
	/** Objects that were read already, from this file or another, and are not read again; those read now are added. */
	readonly seen?: Set<object>;
}

/** A definition as text, for `ddl/read.ts`, and where in the model it was written. */
export interface ModelStatement {
	readonly sql: string;
	readonly source: Source;
	/** By column name, for a table. */
	readonly columns?: Readonly<Record<string, {readonly source: Source}>>;
}

/**
 * The DDL of all SQLite tables and views of drizzle-orm among a module's exports, each table followed by its indexes, views last. Views that
 * `.existing()` says are made elsewhere, aliases and relations give nothing. What a definition means is asked of the drizzle-orm that the
 * file itself imports.
 *
 * Throws MigrError('model') with file, line and export for tables of another database, for what SQLite cannot express, and for whatever a
 * definition itself throws; MigrError('config') for a `casing` that this drizzle-orm has no option for.
 */
export async function readDrizzleModule(
	exports: Readonly<Record<string, unknown>>,
	file: string,
	options: DrizzleOptions = {},
): Promise<readonly ModelStatement[]> {
	const seen = options.seen ?? new Set<object>();
	const found = Object.entries(exports).flatMap(([name, value]) => entity(name, value) ?? []);
	if (found.length === 0) return [];
	const lines = sourceLines(file);
	const foreign = found.find((each) => each.kind === 'foreign');
	if (foreign !== undefined) throw notSqlite(foreign, lines);
	const orm = await loadOrm(file, options.casing);
	const tables: ModelStatement[] = [];
	const views: ModelStatement[] = [];
	for (const {name, value, kind} of found) {
		if (seen.has(value)) continue;
		seen.add(value);
		const source = lines.declaration(name);
		const read = kind === 'table' ? () => tables.push(...readTable(orm, value, lines, source)) : () => views.push(...readView(orm, value, source));
		locating(read, orm, name, source);
	}

	return [...tables.sort(byLine), ...views.sort(byLine)];
}

/** A module's exports come in the order of their names. */
function byLine(a: ModelStatement, b: ModelStatement): number {
	return a.source.line - b.source.line;
}

interface Entity {
	readonly name: string;
	readonly value: object;
	readonly kind: 'table' | 'view' | 'foreign';
}

function entity(name: string, value: unknown): Entity | undefined {
	const kinds = kindsOf(value);
	const of = (kind: Entity['kind']): Entity => ({name, value: value as object, kind});
	if (kinds.includes('Table')) {
		if ((value as Readonly<Record<symbol, unknown>>)[Symbol.for('drizzle:IsAlias')] === true) return undefined;
		return of(kinds.includes('SQLiteTable') ? 'table' : 'foreign');
	}

	if (kinds.includes('View')) return of(kinds.includes('SQLiteView') ? 'view' : 'foreign');
	return undefined;
}

function readTable(orm: Orm, table: object, lines: SourceLines, source: Source): ModelStatement[] {
	const {create, columns, indexes} = tableStatements(orm, table);
	const places = columns.map(({name, written}) => [name, {source: lines.text(written, source)}] as const);
	return [{sql: create, source, columns: Object.fromEntries(places)}, ...indexes.map(({name, sql}) => ({sql, source: lines.text(name, source)}))];
}

function readView(orm: Orm, view: object, source: Source): ModelStatement[] {
	const config = orm.viewConfig(view);
	if (config.query === undefined) return [];
	const query = orm.hasCasing ? casedQuery(orm, config, config.query) : config.query;
	return [{sql: `CREATE VIEW ${identifier(config.name)} AS ${expressionText(orm, query, false)}`, source}];
}

/** Says of any error which export it is about: definitions are functions of the user's, and may throw anything. */
function locating(read: () => void, orm: Orm, name: string, source: Source): void {
	try {
		read();
	} catch (error) {
		if (error instanceof MigrError)
			throw new MigrError(error.code, `${name}: ${error.message}`, {
				...(error.hint === undefined ? {} : {hint: error.hint}),
				location: source,
				cause: error,
			});
		const message = error instanceof Error ? error.message : String(error);
		const isUndefined = error instanceof TypeError && message.includes('undefined');
		throw new MigrError('model', `${name}: drizzle-orm ${orm.version} cannot read this definition: ${message}`, {
			...(isUndefined ? {hint: 'a table or column that it names is not defined; two model files that import each other can do this'} : {}),
			location: source,
			cause: error,
		});
	}
}

function notSqlite({name, value}: Entity, lines: SourceLines): MigrError {
	return new MigrError('model', `${name} is a ${kindsOf(value)[0] ?? 'table'} of drizzle-orm, and lite-migr is for SQLite only`, {
		hint: 'define it with sqliteTable or sqliteView from drizzle-orm/sqlite-core, or keep it out of models_dir',
		location: lines.declaration(name),
	});
}
