import {doubleQuotedStrings} from '../../ddl/read.ts';
import type {DropColumnHazard, DropTableHazard, Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {touchedBy} from '../../operations/touched-by.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import {findColumn, findTable, findVirtualTable, indexesOf} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {Finding} from '../finding.ts';
import type {HazardOrigin} from '../replay/perform.ts';
import type {MigrationRun, ReplayedMigration} from '../replay/replay.ts';
import {findingsOf} from './findings.ts';
import type {ForeignKeyViolations} from './foreign-key-check.ts';
import {isLeftToIndex} from './left-to-indexes.ts';

export interface PreflightRequest {
	readonly db: Database;
	readonly runs: readonly MigrationRun[];
	/** The results of a replay of these runs on the current schema, in the same order. */
	readonly replayed: readonly ReplayedMigration[];
	/** Foreign key violations from before the run. */
	readonly violations?: ForeignKeyViolations;
	/** True to leave duplicates in a large table to the CREATE UNIQUE INDEX that they make fail: see `left-to-indexes.ts`. */
	readonly leavesDuplicates?: boolean;
}

export interface Preflight {
	readonly findings: readonly Finding[];
	/** True if duplicates were left to statements. */
	readonly leftDuplicates: boolean;
	/** Hazards, by migration, of tables that an earlier migration of the run changes. Their rows can be checked only after that migration has run. */
	readonly deferred: ReadonlyMap<string, readonly Hazard[]>;
	/** Tables that operations drop, by their current names in lower case. The findings report them. */
	readonly namedDrops: ReadonlySet<string>;
}

/**
 * Finds the existing rows that the operations of a run would break, change or lose, by SQL alone. Dropping an object that an earlier migration of the
 * run creates loses nothing. Statements and code are not checked here: their effects are measured when they run.
 */
export function preflight({db, runs, replayed, violations, leavesDuplicates = false}: PreflightRequest): Preflight {
	const findings: Finding[] = [];
	const deferred = new Map<string, readonly Hazard[]>();
	const namedDrops = new Set<string>();
	let leftDuplicates = false;
	for (const [index, {name, placed, changedEarlier, before, after, steps}] of replayed.entries()) {
		const operations = runs[index]?.operations ?? [];
		const values: Hazard[] = [];
		const later: Hazard[] = [];
		for (const {hazard, origin} of placed) {
			if (origin === null || isRebuiltByHand(hazard, origin, operations, after)) continue;
			if (hazard.kind === 'dropTable') namedDrops.add(nameKey(origin.table));
			if (leavesDuplicates && isUnchanged(origin, changedEarlier) && isLeftToIndex(db, hazard, origin, steps)) leftDuplicates = true;
			else if (isDrop(hazard)) findings.push(...dropFindings({db, operations, migration: name, before}, hazard, origin));
			else (isUnchanged(origin, changedEarlier) ? values : later).push(hazard);
		}
		findings.push(...findingsOf(db, values, name, operations));
		if (later.length > 0) deferred.set(name, later);
		findings.push(...quotedStrings(before, operations, name));
	}
	return {findings: [...findings, ...brokenForeignKeys(violations, replayed[0]?.name ?? '')], leftDuplicates, deferred, namedDrops};
}

/** True if a table is dropped after statements and exists again at the end. They may have copied its rows, so its losses are measured after the run. */
export function isRebuiltByHand(hazard: Hazard, {table}: HazardOrigin, operations: readonly Operation[], after: Schema): boolean {
	if (hazard.kind !== 'dropTable' || (findTable(after, table) ?? findVirtualTable(after, table)) === undefined) return false;
	return operations.slice(0, hazard.operation).some(({kind}) => kind === 'execute' || kind === 'run');
}

function isDrop(hazard: Hazard): hazard is DropTableHazard | DropColumnHazard {
	return hazard.kind === 'dropTable' || hazard.kind === 'dropColumn';
}

/** True if no earlier migration of the run changes the rows that the hazard is about. */
function isUnchanged({table, related}: HazardOrigin, changed: ReplayedMigration['changedEarlier']): boolean {
	return changed !== 'all' && [table, ...related].every((name) => name !== null && !changed.has(nameKey(name)));
}

interface DropContext {
	readonly db: Database;
	readonly operations: readonly Operation[];
	readonly migration: string;
	/** The schema before the migration. */
	readonly before: Schema;
}

/** Returns the findings of a drop. Rows are counted under the current name of the table, and the finding shows the name that the migration uses. */
function dropFindings(
	{db, operations, migration, before}: DropContext,
	hazard: DropTableHazard | DropColumnHazard,
	origin: HazardOrigin,
): readonly Finding[] {
	const {table} = origin;
	const now: Hazard = hazard.kind === 'dropColumn' ? {...hazard, table, column: origin.column ?? hazard.column} : {...hazard, table};
	const known = findTable(before, hazard.table);
	const isKnown = hazard.kind === 'dropColumn' ? known !== undefined && findColumn(known, hazard.column) !== undefined : known !== undefined;
	const shown =
		isKnown || findVirtualTable(before, hazard.table) !== undefined
			? {table: hazard.table, column: hazard.kind === 'dropColumn' ? hazard.column : null}
			: {};
	return findingsOf(db, [now], migration, operations).map((finding) => ({...finding, ...shown}));
}

/** Finds old definitions with string literals in double quotes. SQLite still reads them, but no longer creates them (https://www.sqlite.org/quirks.html#dblquote). */
function quotedStrings(before: Schema, operations: readonly Operation[], migration: string): readonly Finding[] {
	const changed = new Set(operations.flatMap(touchedBy).flatMap((name) => findTable(before, name) ?? []));
	return [...changed].flatMap((table) => quotedStringsIn(before, table, migration));
}

function quotedStringsIn(schema: Schema, table: Table, migration: string): readonly Finding[] {
	const found = [...doubleQuotedStrings(table), ...indexesOf(schema, table).flatMap((index) => doubleQuotedStrings(index, table))];
	if (found.length === 0) return [];
	return [
		{
			migration,
			kind: 'quotedString',
			table: table.name,
			column: null,
			message: `the definition has ${plural(found.length, 'string')} in double quotes: ${found.map((text) => `"${clean(text)}"`).join(', ')}`,
			rows: 0,
			totalRows: 0,
			blocking: false,
			destructive: false,
			samples: [],
			sql: null,
			fixes: ["no action needed: a rewrite changes them to 'single quotes'"],
		},
	];
}

function brokenForeignKeys(violations: ForeignKeyViolations | undefined, migration: string): readonly Finding[] {
	return [...(violations?.values() ?? [])].map(
		({table, parent, count, rows}): Finding => ({
			migration,
			kind: 'brokenForeignKey',
			table,
			column: null,
			message: `${plural(count, 'row')} already ${count === 1 ? 'has' : 'have'} no parent row in ${clean(parent)}`,
			rows: count,
			totalRows: count,
			blocking: false,
			destructive: false,
			samples: [...rows].slice(0, 5).map((row) => ({row, value: null})),
			sql: `PRAGMA foreign_key_check(${quoted(table)})`,
			fixes: ['no action needed: only new violations roll back a run'],
		}),
	);
}
