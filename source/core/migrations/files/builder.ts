import {fileURLToPath} from 'node:url';
import {fromTemplate} from '../../ddl/indent.ts';
import {MigrError} from '../../errors.ts';
import type {Operation, OperationOrigin, SqlValue} from '../../operations/operation.ts';
import type {RunDatabase} from '../../operations/run-database.ts';
import {isTableHash} from '../../operations/table-hash.ts';

/** Options of the `drop…` calls. `ifExists: true` does nothing if the object does not exist. */
export interface IfExists {
	readonly ifExists?: boolean;
}

export interface ChangeTableOptions {
	readonly fill?: Readonly<Record<string, string>>;
	readonly from?: string | readonly string[];
}

/**
 * The `op` that a migration file receives. It records operations instead of running them, so the same file can be previewed, printed as SQL,
 * replayed in memory and measured. Definitions are SQLite DDL.
 */
export interface MigrationBuilder {
	/** `CREATE TABLE …` or `CREATE VIRTUAL TABLE …` */
	createTable(sql: string): void;
	/** Drops a table with its rows, indexes and triggers. */
	dropTable(table: string, options?: IfExists): void;
	renameTable(table: string, to: string): void;
	/**
	 * Adds a column at the end of the table: `op.addColumn('user', 'age INTEGER NOT NULL DEFAULT 0')`.
	 * `fill` is an SQL expression over the row. It sets the value in existing rows.
	 */
	addColumn(table: string, definition: string, options?: {readonly fill?: string}): void;
	/** Drops a column with its values. */
	dropColumn(table: string, column: string): void;
	renameColumn(table: string, column: string, to: string): void;
	/**
	 * Changes the table to this `CREATE TABLE …` in the cheapest safe way. Columns that are not in it are dropped, new ones are added.
	 *
	 * `fill` maps columns to SQL expressions over the old row. For a new column, the expression is the value. For a column that changes its type, it is
	 * the conversion. For any other column, it replaces NULL. It also only replaces NULL if the column changes its type and becomes NOT NULL, unless the
	 * expression reads the column.
	 *
	 * `from` is the definition that the change was written for, as a short hash that `lite-migr create` writes. If the table has a different definition
	 * when the migration runs, the run stops, because the change would undo another migration. Without `from`, the change applies to any definition.
	 */
	changeTable(table: string, sql: string, options?: ChangeTableOptions): void;
	/** `CREATE [UNIQUE] INDEX …` */
	createIndex(sql: string): void;
	dropIndex(index: string, options?: IfExists): void;
	/** `CREATE VIEW …` */
	createView(sql: string): void;
	dropView(view: string, options?: IfExists): void;
	/** `CREATE TRIGGER …` */
	createTrigger(sql: string): void;
	dropTrigger(trigger: string, options?: IfExists): void;
	/** Runs one plain SQL statement, with `?` bound to the parameters. */
	execute(sql: string, parameters?: readonly SqlValue[]): void;
	/** Runs code, for data changes that SQL cannot express. It must not change the schema. */
	run(code: (context: {readonly db: RunDatabase}) => void | Promise<void>): void;
}

/**
 * Calls a function of a migration file and returns the operations that it records, each with its line.
 *
 * @param file the migration's path, used to find its lines in the call stack
 * @param origin returns the line of the current call, if it is already known
 * @throws MigrError `migration` for arguments of the wrong kind, and any error that the function itself throws
 */
export async function recordOperations(
	define: (op: MigrationBuilder) => unknown,
	file: string,
	origin: () => OperationOrigin = () => originIn(file),
): Promise<readonly Operation[]> {
	const operations: Operation[] = [];
	let isOpen = true;
	const record = (operation: Operation) => {
		const place = origin();
		if (!isOpen) {
			throw new MigrError('migration', `op.${operation.kind} was called after the function returned`, {
				location: place,
				hint: 'await the asynchronous code in the function, or move it into op.run',
			});
		}
		operations.push({...operation, origin: place});
	};
	const result = define(builderOver(record, origin));
	// An async function may record after an await, so the builder stays open until it finishes.
	if (isThenable(result)) await result;
	isOpen = false;
	return operations;
}

/** The names of the builder's methods. */
export const builderMethods: readonly string[] = Object.keys(
	builderOver(
		() => {},
		() => ({file: ''}),
	),
);

function builderOver(record: (operation: Operation) => void, origin: () => OperationOrigin): MigrationBuilder {
	const text = (method: string, what: string, value: unknown): string => {
		if (typeof value === 'string' && value.trim() !== '') return value;
		throw new MigrError('migration', `op.${method}: ${what} must be a string, not ${shown(value)}`, {location: origin()});
	};
	const fills = (method: string, value: unknown): Readonly<Record<string, string>> => {
		if (value === undefined) return {};
		if (typeof value !== 'object' || value === null)
			throw new MigrError('migration', `op.${method}: fill must map columns to SQL expressions`, {location: origin()});
		return Object.fromEntries(Object.entries(value).map(([column, expression]) => [column, text(method, `fill of ${column}`, expression)]));
	};
	const hashes = (method: string, value: unknown): {readonly from?: readonly string[]} => {
		if (value === undefined) return {};
		const list: readonly unknown[] = Array.isArray(value) ? value : [value];
		if (list.length > 0 && list.every((hash) => typeof hash === 'string' && isTableHash(hash))) return {from: list as readonly string[]};
		throw new MigrError('migration', `op.${method}: from must be a hash such as '3f9c1a2b', as lite-migr create writes it`, {
			location: origin(),
			hint: 'to change the table regardless of its definition, remove from',
		});
	};
	/** An option that is ignored would be a value or a condition that is missing. */
	const options = <Options extends object>(
		method: string,
		value: Options | undefined,
		known: readonly (keyof Options & string)[],
	): Partial<Options> => {
		if (value === undefined) return {};
		const example = `op.${method}(…, {${known.map((name) => `${name}: …`).join(', ')}})`;
		if (typeof value !== 'object' || value === null || Array.isArray(value)) {
			throw new MigrError('migration', `op.${method}: the options must be an object, not ${shown(value)}`, {
				location: origin(),
				hint: method === 'addColumn' ? `write the type in the definition: op.addColumn('user', 'age INTEGER')` : `write ${example}`,
			});
		}
		const unknown = Object.keys(value).find((name) => !(known as readonly string[]).includes(name));
		if (unknown === undefined) return value;
		throw new MigrError('migration', `op.${method} has no option ${unknown}`, {location: origin(), hint: `write ${example}`});
	};
	const ifExists = (method: string, given: IfExists | undefined): {readonly ifExists?: true} => {
		const value: unknown = options(method, given, ['ifExists']).ifExists;
		if (value === undefined || value === false) return {};
		if (value !== true) throw new MigrError('migration', `op.${method}: ifExists must be true or false`, {location: origin()});
		return {ifExists: true};
	};
	return {
		createTable: (sql) => record({kind: 'createTable', sql: statement(text('createTable', 'the definition', sql))}),
		dropTable: (table, options) => record({kind: 'dropTable', table: text('dropTable', 'the table', table), ...ifExists('dropTable', options)}),
		renameTable: (table, to) =>
			record({kind: 'renameTable', table: text('renameTable', 'the table', table), to: text('renameTable', 'the new name', to)}),
		addColumn: (table, definition, given) => {
			const {fill} = options('addColumn', given, ['fill']);
			record({
				kind: 'addColumn',
				table: text('addColumn', 'the table', table),
				definition: fromTemplate(text('addColumn', 'the definition', definition)),
				...(fill === undefined ? {} : {fill: text('addColumn', 'fill', fill)}),
			});
		},
		dropColumn: (table, column) =>
			record({kind: 'dropColumn', table: text('dropColumn', 'the table', table), column: text('dropColumn', 'the column', column)}),
		renameColumn: (table, column, to) =>
			record({
				kind: 'renameColumn',
				table: text('renameColumn', 'the table', table),
				column: text('renameColumn', 'the column', column),
				to: text('renameColumn', 'the new name', to),
			}),
		changeTable: (table, sql, given) => {
			const {fill, from} = options('changeTable', given, ['fill', 'from']);
			record({
				kind: 'changeTable',
				table: text('changeTable', 'the table', table),
				sql: statement(text('changeTable', 'the definition', sql)),
				fill: fills('changeTable', fill),
				...hashes('changeTable', from),
			});
		},
		createIndex: (sql) => record({kind: 'createIndex', sql: statement(text('createIndex', 'the definition', sql))}),
		dropIndex: (index, options) => record({kind: 'dropIndex', index: text('dropIndex', 'the index', index), ...ifExists('dropIndex', options)}),
		createView: (sql) => record({kind: 'createView', sql: statement(text('createView', 'the definition', sql))}),
		dropView: (view, options) => record({kind: 'dropView', view: text('dropView', 'the view', view), ...ifExists('dropView', options)}),
		createTrigger: (sql) => record({kind: 'createTrigger', sql: statement(text('createTrigger', 'the definition', sql))}),
		dropTrigger: (trigger, options) =>
			record({kind: 'dropTrigger', trigger: text('dropTrigger', 'the trigger', trigger), ...ifExists('dropTrigger', options)}),
		execute: (sql, parameters = []) => {
			if (!Array.isArray(parameters)) throw new MigrError('migration', 'op.execute: the parameters must be an array', {location: origin()});
			record({kind: 'execute', sql: statement(text('execute', 'the statement', sql)), parameters});
		},
		run: (code) => {
			if (typeof code !== 'function')
				throw new MigrError('migration', `op.run: the code must be a function, not ${shown(code)}`, {location: origin()});
			record({kind: 'run', run: code});
		},
	};
}

/** Removes the indentation of the file, surrounding whitespace and a trailing semicolon. */
function statement(sql: string): string {
	return fromTemplate(sql).replace(/;\s*$/, '');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function shown(value: unknown): string {
	if (value === undefined || value === null) return String(value);
	return typeof value === 'string' && value.trim() === '' ? 'an empty string' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Returns the line of the migration file that called the builder. */
function originIn(file: string): OperationOrigin {
	const {stack = ''} = new Error();
	for (const frame of stack.split('\n')) {
		const match = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(frame.trim());
		const path = match?.[1] === undefined ? undefined : pathOf(match[1]);
		if (path === file) return {file, line: Number(match?.[2])};
	}
	return {file};
}

function pathOf(place: string): string {
	const bare = place.replace(/^at (async )?/, '').replace(/[?#].*$/, '');
	return bare.startsWith('file://') ? fileURLToPath(bare) : bare;
}
