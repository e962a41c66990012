import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Operation} from '../../operations/operation.ts';
import {currentDriver} from '../../sqlite/driver/choose.ts';
import {sha256Of} from '../../text/digest.ts';
import {version} from '../../version.ts';
import {readConstantModule} from './constant-module.ts';
import {hasStrayWhitespace, type MigrationFile} from './list.ts';
import type {Migration} from './migration.ts';

/**
 * How to read this file. What a replay builds depends on its operations alone. For plain SQL and for constant modules, the text of the file
 * determines them. Other modules are code: their operations may depend on imported files, on the time or on the environment. They are loaded each
 * time, and the operations that they recorded replace the text.
 */

/** Describes migrations with one part for each. The key of any prefix of the list is derived from these parts. */
export type HistoryParts = readonly string[];

/** Returns the parts if all files are constant. If one is not, no schema is ever remembered for these parts, so a lookup finds nothing. */
export function partsOfTexts(files: readonly MigrationFile[]): HistoryParts {
	return files.map(textPart);
}

/** Returns the parts. Loads modules that are code. Undefined for files that are not UTF-8. @throws MigrError if a module cannot be loaded */
export async function partsOf(
	files: readonly MigrationFile[],
	load: (file: MigrationFile) => Promise<Pick<Migration, 'upgrade' | 'transaction'>>,
): Promise<HistoryParts | undefined> {
	const parts: string[] = [];
	for (const file of files) {
		if (file.badLine !== undefined) return undefined;
		const isConstant = file.kind !== 'ts' || readConstantModule(file)?.upgrade !== undefined;
		parts.push(isConstant ? textPart(file) : codePart(await load(file)));
	}
	return parts;
}

/** Returns a key for the first migrations of a list, run by this version of lite-migr and SQLite. */
export function keyOf(kind: string, parts: HistoryParts, length: number): string {
	// Replays run on this SQLite, which may differ from that of a database on a server.
	const {name, sqliteVersion} = currentDriver();
	return sha256Of([kind, version, name, sqliteVersion, ...parts.slice(0, length)].join('\n'));
}

function textPart({kind, text, checksum}: MigrationFile): string {
	// The checksum ignores line endings and trailing whitespace, which may be part of a literal.
	return `${kind} ${checksum}${hasStrayWhitespace(text) ? ` ${sha256Of(text)}` : ''}`;
}

/** Statements such as VACUUM fail only in a transaction. */
function codePart({upgrade, transaction}: Pick<Migration, 'upgrade' | 'transaction'>): string {
	return `code ${transaction ? '' : 'alone '}${digestOf(upgrade)}`;
}

function digestOf(operations: readonly Operation[]): string {
	return sha256Of(
		JSON.stringify(operations.map(withoutOrigin), (_key, value: unknown) => {
			if (typeof value === 'bigint') return {integer: String(value)};
			if (typeof value === 'function') return 'code';
			// JSON has only null for infinity.
			if (typeof value === 'number' && !Number.isFinite(value)) return {number: String(value)};
			return value instanceof Uint8Array ? {blob: [...value]} : value;
		}),
	);
}

function withoutOrigin({origin: _, ...operation}: Operation): Omit<Operation, 'origin'> {
	return operation;
}

/** True if operations write no rows when they run on an empty database: their result is the schema alone. */
export function areWithoutRows(operations: readonly Operation[]): boolean {
	return operations.every((operation) => {
		if (operation.kind !== 'execute') return operation.kind !== 'run';
		return statementFacts(operation.sql).kind === 'schema' && !createsRows(operation);
	});
}

/** True for CREATE TABLE … AS, which a replay executes. True in case of doubt. */
export function createsRows(operation: Operation): boolean {
	return operation.kind === 'execute' && /\bcreate\b[\s\S]*\btable\b[\s\S]*\bas\b/i.test(operation.sql);
}

/** True if the result of a statement about rows may depend on when it runs: it reads the clock, or random numbers. */
export function dependsOnTime(operation: Operation): boolean {
	if (operation.kind !== 'execute' || statementFacts(operation.sql).kind === 'schema') return false;
	return /'now'|"now"|\bcurrent_(?:date|time|timestamp)\b|\brandom(?:blob)?\b|\b(?:date|time|datetime|julianday|unixepoch|strftime)\s*\(\s*\)/i.test(
		operation.sql,
	);
}
