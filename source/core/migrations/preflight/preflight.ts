import {doubleQuotedStrings} from '../../ddl/read.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import {indexesOf} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {Finding} from '../finding.ts';
import type {MigrationRun, ReplayedMigration} from '../replay/replay.ts';
import {type DeletionsRequest, deletionFindings} from './deletions.ts';
import {droppedRows} from './dropped-rows.ts';
import {findingsOf} from './findings.ts';
import type {ForeignKeyViolations} from './foreign-key-check.ts';
import {touchedTables, tracePresent} from './trace.ts';

export interface PreflightRequest {
	readonly db: Database;
	/** The schema of the database now. */
	readonly present: Schema;
	readonly runs: readonly MigrationRun[];
	/** What a replay of these runs on `present` found; in the same order. */
	readonly replayed: readonly ReplayedMigration[];
	/** Foreign keys that are broken before the run. */
	readonly violations?: ForeignKeyViolations;
}

export interface Preflight {
	readonly findings: readonly Finding[];
	/**
	 * Hazards, by migration, of tables that an earlier migration of the run touches: what the rows say to them is known only when that one has run.
	 */
	readonly deferred: ReadonlyMap<string, readonly Hazard[]>;
}

/**
 * What a run would break, change or lose in the rows that are there now, by SQL alone. What an earlier migration of the run made is not in the
 * database yet: dropping that again loses nothing.
 */
export function preflight({db, present, runs, replayed, violations}: PreflightRequest): Preflight {
	const findings: Finding[] = [];
	const deferred = new Map<string, readonly Hazard[]>();
	const earlier: Operation[] = [];
	for (const [index, {name, hazards, before}] of replayed.entries()) {
		const operations = runs[index]?.operations ?? [];
		const touched = touchedTables(earlier);
		const isStanding = (hazard: Hazard) => [hazard.table, ...parentOf(hazard)].every((table) => touched !== 'all' && !touched.has(nameKey(table)));
		const drops = hazards.filter(({kind}) => kind === 'dropTable' || kind === 'dropColumn');
		const values = hazards.filter((hazard) => !drops.includes(hazard));
		findings.push(...drops.flatMap((hazard) => dropFindings({db, present, earlier, operations, migration: name}, hazard)));
		findings.push(...findingsOf(db, values.filter(isStanding), name, operations));
		const later = values.filter((hazard) => !isStanding(hazard) && tracePresent(present, earlier, hazard.table) !== undefined);
		if (later.length > 0) deferred.set(name, later);
		const request = {db, present, earlier, operations, migration: name};
		findings.push(...deletionFindings(request), ...droppedRows(request, goneIn(present, earlier, drops)));
		findings.push(...quotedStrings(before, operations, name));
		earlier.push(...operations);
	}
	return {findings: [...findings, ...brokenForeignKeys(violations, replayed[0]?.name ?? '')], deferred};
}

/** The tables of the database that are dropped, in lower case. */
function goneIn(present: Schema, earlier: readonly Operation[], drops: readonly Hazard[]): ReadonlySet<string> {
	return new Set(drops.flatMap(({kind, table}) => (kind === 'dropTable' ? [nameKey(tracePresent(present, earlier, table)?.table ?? '')] : [])));
}

function parentOf(hazard: Hazard): readonly string[] {
	if (!('where' in hazard)) return [];
	return [...(hazard.foreignKey === undefined ? [] : [hazard.foreignKey.parent]), ...(hazard.reads ?? [])];
}

/** A drop, counted under the name that the database has for the thing now. */
function dropFindings({db, present, earlier, operations, migration}: DeletionsRequest, hazard: Hazard): readonly Finding[] {
	if (hazard.kind !== 'dropTable' && hazard.kind !== 'dropColumn') return [];
	const column = hazard.kind === 'dropColumn' ? hazard.column : undefined;
	const now = tracePresent(present, earlier, hazard.table, column);
	if (now === undefined) return [];
	const renamed: Hazard =
		hazard.kind === 'dropColumn' ? {...hazard, table: now.table, column: now.column ?? hazard.column} : {...hazard, table: now.table};
	return findingsOf(db, [renamed], migration, operations).map((finding) => ({...finding, table: hazard.table, column: column ?? null}));
}

/** Old definitions with string literals in double quotes: read for ever, but no longer created (https://www.sqlite.org/quirks.html#dblquote). */
function quotedStrings(before: Schema, operations: readonly Operation[], migration: string): readonly Finding[] {
	const touched = touchedTables(operations);
	return before.tables
		.filter(({name}) => touched === 'all' || touched.has(nameKey(name)))
		.flatMap((table) => quotedStringsIn(before, table, migration));
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
			message: `has ${plural(found.length, 'string')} in double quotes in its definition: ${found.map((text) => `"${clean(text)}"`).join(', ')}`,
			rows: 0,
			of: 0,
			fails: false,
			destructive: false,
			samples: [],
			sql: null,
			mend: ["a rewrite puts them into 'single quotes'"],
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
			message: `${plural(count, 'row')} ${count === 1 ? 'has' : 'have'} no parent in ${clean(parent)} already`,
			rows: count,
			of: count,
			fails: false,
			destructive: false,
			samples: [...rows].slice(0, 5).map((row) => ({row, value: null})),
			sql: `PRAGMA foreign_key_check(${quoted(table)})`,
			mend: ['they stay as they are; only new ones roll a run back'],
		}),
	);
}
