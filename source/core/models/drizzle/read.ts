import {dirname} from 'node:path';
import {MigrError, restated} from '../../errors.ts';
import {identifier} from '../../schema/identifiers.ts';
import type {Source, Table} from '../../schema/schema.ts';
import {expressionText} from './expression.ts';
import {type Casing, loadOrm, type Orm} from './orm.ts';
import {kindsOf} from './recognize.ts';
import {type SourceLines, sourceLines} from './source-lines.ts';
import {drizzleTableStatements} from './table.ts';
import {casedQuery} from './view-casing.ts';

export interface DrizzleOptions {
	/** The casing of columns without an explicit name, as in the configuration of drizzle-kit 0.31. drizzle-orm 1 sets it in the schema. */
	readonly casing?: Casing | undefined;
}

export interface DrizzleModule {
	readonly file: string;
	readonly exports: Readonly<Record<string, unknown>>;
}

/** A definition as text, for `ddl/read.ts`, with its location in the model. */
export interface DrizzleStatement {
	readonly sql: string;
	readonly source: Source;
	/** The columns of a table, by name. */
	readonly columns?: Readonly<Record<string, {readonly source: Source}>>;
	/** The generation of drizzle-orm, for a table. */
	readonly writtenIn?: Table['writtenIn'];
}

/** Returns the statements of one module: see `readDrizzleModules`. */
export async function readDrizzleModule(
	exports: Readonly<Record<string, unknown>>,
	file: string,
	options: DrizzleOptions = {},
): Promise<readonly DrizzleStatement[]> {
	return readDrizzleModules([{file, exports}], options);
}

/**
 * Returns the DDL of all SQLite tables and views of drizzle-orm that the modules export: each table with its indexes, then the views. An object that
 * several modules export counts once, in the module that declares it. Views marked as `.existing()`, aliases and relations are skipped. The drizzle-orm
 * that the file itself imports interprets the definitions.
 *
 * @throws MigrError `model`, with file, line and export, if a table is for another database, SQLite cannot represent a definition, or a definition
 * throws. `config` if `casing` is set and this drizzle-orm does not have the option.
 */
export async function readDrizzleModules(modules: readonly DrizzleModule[], options: DrizzleOptions = {}): Promise<readonly DrizzleStatement[]> {
	const found = entitiesOf(modules);
	const foreign = found.find((each) => each.kind === 'foreign');
	if (foreign !== undefined) throw notSqlite(foreign);
	const tables: DrizzleStatement[] = [];
	const views: DrizzleStatement[] = [];
	const orms = new Map<string, Orm>();
	for (const entity of found) {
		// Finding a package takes longer than reading a table. The result is the same for all files of a folder.
		const folder = dirname(entity.source.file);
		const orm = orms.get(folder) ?? (await loadOrm(entity.source.file, options.casing));
		orms.set(folder, orm);
		locating(orm, entity, () => {
			if (entity.kind === 'table') tables.push(...readTable(orm, entity));
			else views.push(...readView(orm, entity));
		});
	}

	return [...tables, ...views];
}

interface Entity {
	readonly name: string;
	readonly value: object;
	readonly kind: 'table' | 'view' | 'foreign';
	readonly lines: SourceLines;
	readonly isDeclared: boolean;
	readonly source: Source;
}

/** Returns each entity once, sorted by file and line, since a module lists its exports by name. */
function entitiesOf(modules: readonly DrizzleModule[]): Entity[] {
	const found = new Map<object, Entity>();
	for (const {file, exports} of modules) {
		const candidates = exportsOf(exports).flatMap(([name, value]) => {
			const kind = kindOf(value);
			return kind === undefined ? [] : [{name, value: value as object, kind}];
		});
		if (candidates.length === 0) continue;
		const lines = sourceLines(file);
		for (const candidate of candidates) {
			const declared = lines.declaration(candidate.name);
			const known = found.get(candidate.value);
			if (known !== undefined && (known.isDeclared || declared === undefined)) continue;
			found.set(candidate.value, {...candidate, lines, isDeclared: declared !== undefined, source: declared ?? {file, line: 1}});
		}
	}

	const order = new Map(modules.map(({file}, index) => [file, index]));
	return [...found.values()].sort((a, b) => (order.get(a.source.file) ?? 0) - (order.get(b.source.file) ?? 0) || a.source.line - b.source.line);
}

/** Returns the exports, including the properties of a default export that is a plain object, such as `module.exports`. */
function exportsOf(exports: Readonly<Record<string, unknown>>): [string, unknown][] {
	const main = exports.default;
	const isPlain = typeof main === 'object' && main !== null && Object.getPrototypeOf(main) === Object.prototype;
	return [...Object.entries(exports), ...(isPlain ? Object.entries(main) : [])];
}

function kindOf(value: unknown): Entity['kind'] | undefined {
	const kinds = kindsOf(value);
	if (kinds.includes('Table')) {
		if ((value as Readonly<Record<symbol, unknown>>)[Symbol.for('drizzle:IsAlias')] === true) return undefined;
		return kinds.includes('SQLiteTable') ? 'table' : 'foreign';
	}

	if (kinds.includes('View')) return kinds.includes('SQLiteView') ? 'view' : 'foreign';
	return undefined;
}

function readTable(orm: Orm, {value, lines, source}: Entity): DrizzleStatement[] {
	const {create, columns, indexes} = drizzleTableStatements(orm, value);
	const places = columns.map(({name, written}) => [name, {source: lines.text(written, source)}] as const);
	const writtenIn = orm.generation === 0 ? 'drizzle 0' : 'drizzle 1';
	return [
		{sql: create, source, columns: Object.fromEntries(places), writtenIn},
		...indexes.map(({name, sql}) => ({sql, source: lines.text(name, source)})),
	];
}

function readView(orm: Orm, {value, source}: Entity): DrizzleStatement[] {
	const config = orm.viewConfig(value);
	if (config.query === undefined) return [];
	const query = orm.hasCasing ? casedQuery(orm, config, config.query) : config.query;
	return [{sql: `CREATE VIEW ${identifier(config.name)} AS ${expressionText(orm, query, false)}`, source}];
}

/** Adds the name and location of the export to any error. Definitions are user code and may throw anything. */
function locating(orm: Orm, {name, source}: Entity, read: () => void): void {
	try {
		read();
	} catch (error) {
		if (error instanceof MigrError) {
			throw restated(error, {message: `${name}: ${error.message}`, location: source});
		}

		const message = error instanceof Error ? error.message : String(error);
		const isUndefined = error instanceof TypeError && message.includes('undefined');
		throw new MigrError('model', `${name}: drizzle-orm ${orm.version} cannot read this definition: ${message}`, {
			...(isUndefined
				? {hint: 'check that every table and column it refers to is defined; two model files that import each other can cause this'}
				: {}),
			location: source,
			cause: error,
		});
	}
}

function notSqlite({name, value, source}: Entity): MigrError {
	return new MigrError('model', `${name} is a ${kindsOf(value)[0] ?? 'table'} of drizzle-orm, but lite-migr only supports SQLite`, {
		hint: 'define it with sqliteTable or sqliteView from drizzle-orm/sqlite-core, or move it out of models_dir',
		location: source,
	});
}
