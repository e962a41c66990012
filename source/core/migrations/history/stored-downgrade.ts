import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {MigrError} from '../../errors.ts';
import type {Operation, SqlValue} from '../../operations/operation.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {clean} from '../../text/clean.ts';
import type {AppliedMigration, Migration} from '../files/migration.ts';

/**
 * How the history stores a downgrade, as JSON:
 *
 * - a list of operations;
 * - `{"transaction": false, "operations": […]}` for a migration that runs outside the shared transaction;
 * - `{"operations": […], "script": {…}}` if a bundle applied it: the same operations, and their SQL for `lite-migr/runtime`, which is not used here;
 * - `{"reason": "…"}` if the migration can only be undone with its file.
 *
 * Integers outside the safe range are `{"integer": "…"}`, other numbers that JSON cannot express are `{"real": "…"}`, and blobs are
 * `{"blob": "hex"}`.
 */
export type StoredDowngrade = {readonly operations: readonly Operation[]; readonly transaction: boolean} | {readonly reason: string};

/** Returns the downgrade of a migration as text for the history. */
export function storedDowngrade({downgrade, transaction}: Pick<Migration, 'downgrade' | 'transaction'>): string {
	if (downgrade === undefined) return JSON.stringify({reason: 'it has no downgrade'});
	const reason = downgrade.map(whyNotStored).find((found) => found !== undefined);
	if (reason !== undefined) return JSON.stringify({reason});
	const operations = downgrade.map(({origin: _, ...operation}) =>
		operation.kind === 'execute' ? {...operation, parameters: operation.parameters.map(portableValue)} : operation,
	);
	return JSON.stringify(transaction ? operations : {transaction: false, operations});
}

/** Combines the stored downgrades of several migrations into one, last first. */
export function joinedDowngrades(rows: readonly AppliedMigration[]): string {
	const all: unknown[] = [];
	for (const {name, downgrade} of rows.toReversed()) {
		const stored = downgrade === undefined ? undefined : withoutScript(tryParse(downgrade));
		if (!Array.isArray(stored)) return JSON.stringify({reason: `the downgrade of ${name}, which it replaces, is not stored`});
		all.push(...stored);
	}
	return JSON.stringify(all);
}

/**
 * Reads a stored downgrade. The text comes from a database file that anyone may have written, so every field is checked, and no code is run.
 *
 * @throws MigrError `history` if it is not exactly what `storedDowngrade` writes
 */
export function readStoredDowngrade(migration: string, text: string): StoredDowngrade {
	const value = withoutScript(tryParse(text));
	if (isRecord(value) && hasOnly(value, ['reason']) && typeof value.reason === 'string') return {reason: value.reason};
	const list = isRecord(value) && hasOnly(value, ['transaction', 'operations']) && value.transaction === false ? value.operations : value;
	const operations = Array.isArray(list) ? list.map(operationOf) : [undefined];
	if (operations.every((operation) => operation !== undefined)) return {operations, transaction: list === value};
	throw new MigrError('history', `the stored downgrade of ${clean(migration)} cannot be read`, {
		location: {table: historyTable},
		hint: 'restore the migration file, for example from git, and run the command again',
	});
}

/** Returns the operations of a value that also has a script. Any other value is unchanged. */
function withoutScript(value: unknown): unknown {
	return isRecord(value) && hasOnly(value, ['operations', 'script']) && isRecord(value.script) ? value.operations : value;
}

/** True if the database stores a usable downgrade. */
export function hasStoredDowngrade({name, downgrade}: AppliedMigration): boolean {
	try {
		return downgrade !== undefined && 'operations' in readStoredDowngrade(name, downgrade);
	} catch {
		return false;
	}
}

/**
 * Returns why an operation cannot be stored. Undefined if it can. Code needs its file, and statements that act outside the database or on its
 * settings are only accepted from files of the project.
 */
function whyNotStored(operation: Operation): string | undefined {
	if (operation.kind === 'run') return 'it runs code (op.run), which cannot be stored';
	if (operation.kind !== 'execute') return undefined;
	const {kind, verb, name = ''} = statementFacts(operation.sql);
	if (kind === 'schema' || kind === 'data' || (kind === 'pragma' && harmlessPragmas.test(name))) return undefined;
	return `it has ${verb} ${clean(name)}`.trimEnd().concat(', which only runs from a file');
}

/** The pragmas of a table rebuild written by hand. */
const harmlessPragmas = /^(?:foreign_keys|defer_foreign_keys|foreign_key_check|legacy_alter_table)$/i;

function tryParse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

type Field = (value: unknown) => boolean;

const isText: Field = (value) => typeof value === 'string' && value.trim() !== '';
const isTrue: Field = (value) => value === true;
const isTextMap: Field = (value) => isRecord(value) && Object.values(value).every(isText);
const isTextList: Field = (value) => Array.isArray(value) && value.every(isText);

/** The fields of each operation. Names with a question mark are optional. */
const fields: Readonly<Record<Exclude<Operation['kind'], 'execute' | 'run'>, Readonly<Record<string, Field>>>> = {
	createTable: {sql: isText},
	dropTable: {table: isText, 'ifExists?': isTrue},
	renameTable: {table: isText, to: isText},
	addColumn: {table: isText, definition: isText, 'fill?': isText},
	dropColumn: {table: isText, column: isText},
	renameColumn: {table: isText, column: isText, to: isText},
	changeTable: {table: isText, sql: isText, fill: isTextMap, 'from?': isTextList, 'dropsIndexes?': isTrue},
	createIndex: {sql: isText},
	dropIndex: {index: isText, 'ifExists?': isTrue},
	createView: {sql: isText},
	dropView: {view: isText, 'ifExists?': isTrue},
	createTrigger: {sql: isText},
	dropTrigger: {trigger: isText, 'ifExists?': isTrue},
};

/** Returns the value as an operation. Undefined if it is not an operation with exactly its fields. */
function operationOf(value: unknown): Operation | undefined {
	if (!isRecord(value) || typeof value.kind !== 'string') return undefined;
	if (value.kind === 'execute') return executeOf(value);
	const known: Readonly<Record<string, Field>> | undefined = Object.hasOwn(fields, value.kind)
		? fields[value.kind as keyof typeof fields]
		: undefined;
	if (known === undefined) return undefined;
	const names = Object.keys(known).map((name) => name.replace('?', ''));
	const fits = Object.entries(known).every(([name, isRight]) => {
		const given = value[name.replace('?', '')];
		return given === undefined ? name.endsWith('?') : isRight(given);
	});
	return fits && hasOnly(value, ['kind', ...names]) ? (value as unknown as Operation) : undefined;
}

function executeOf(value: Readonly<Record<string, unknown>>): Operation | undefined {
	const {sql, parameters, writtenFor} = value;
	if (!hasOnly(value, ['kind', 'sql', 'parameters', 'writtenFor']) || typeof sql !== 'string' || !Array.isArray(parameters)) return undefined;
	if (writtenFor !== undefined && !(Array.isArray(writtenFor) && writtenFor.every(isWrittenFor))) return undefined;
	const values = parameters.map(storedValue);
	if (!values.every((one) => one !== undefined)) return undefined;
	const operation: Operation = {kind: 'execute', sql, parameters: values, ...(writtenFor === undefined ? {} : {writtenFor})};
	return isReadable(operation) ? operation : undefined;
}

function isWrittenFor(value: unknown): boolean {
	return isRecord(value) && hasOnly(value, ['table', 'from']) && isText(value.table) && isTextList(value.from);
}

function isReadable(operation: Operation): boolean {
	try {
		return whyNotStored(operation) === undefined;
	} catch {
		return false;
	}
}

function portableValue(value: SqlValue): unknown {
	if (typeof value === 'bigint') return {integer: String(value)};
	if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return {real: Object.is(value, -0) ? '-0' : String(value)};
	return value instanceof Uint8Array ? {blob: Buffer.from(value).toString('hex')} : value;
}

function storedValue(value: unknown): SqlValue | undefined {
	if (value === null || typeof value === 'string' || typeof value === 'number') return value;
	if (!isRecord(value) || Object.keys(value).length !== 1) return undefined;
	const {integer, real, blob} = value;
	if (typeof integer === 'string' && /^-?\d{1,19}$/.test(integer)) return BigInt(integer);
	if (typeof real === 'string' && /^(?:-?Infinity|NaN|-0)$/.test(real)) return Number(real);
	return typeof blob === 'string' && /^(?:[0-9a-f]{2})*$/.test(blob) ? new Uint8Array(Buffer.from(blob, 'hex')) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOnly(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
	return Object.keys(value).every((name) => names.includes(name));
}
