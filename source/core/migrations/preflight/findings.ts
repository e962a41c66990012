import {fillFlag} from '../../diff/flags.ts';
import {MigrError} from '../../errors.ts';
import type {ConvertHazard, DuplicateHazard, Hazard, IncompatibleHazard, ValueHazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {fileFailure, sqliteCode} from '../../sqlite/failure.ts';
import {missingExtension, uncheckedHint} from '../../sqlite/missing-extension.ts';
import {aliasedKey, keyList, labelFrom, rowKeyOf} from '../../sqlite/row-key.ts';
import {columnFacts, countRows} from '../../sqlite/table-facts.ts';
import {clean} from '../../text/clean.ts';
import {count, plural} from '../../text/numbers.ts';
import {thrownText} from '../../text/thrown.ts';
import {valueText} from '../../text/value.ts';
import {type DraftFinding, type Finding, type FindingSample, sameValue} from '../finding.ts';

export const samplesShown = 5;

/**
 * Checks existing rows for hazards, by SQL alone. A finding has the number of affected rows, the keys of some of them, the query that finds all of
 * them, and suggested fixes. A hazard that affects no rows has no finding, except for drops, which are always reported.
 *
 * @param hazards must use the names that the tables have in the database
 * @param operations the operations of the hazards, for their places in the file
 */
export function findingsOf(db: Database, hazards: readonly Hazard[], migration: string, operations: readonly Operation[]): readonly Finding[] {
	return findingsIn(db, hazards, operations, fillInMigration).map((finding) => ({migration, ...finding}));
}

/** Returns the same findings for a migration that is not written yet. */
export function draftFindings(db: Database, hazards: readonly Hazard[]): readonly DraftFinding[] {
	return findingsIn(db, hazards, [], fillByFlag);
}

/** Says how to set the values of a column. */
type FillAdvice = (table: string, column: string) => string;

const fillByFlag: FillAdvice = (table, column) => `with ${fillFlag(table, column)}`;

const fillInMigration: FillAdvice = (_table, column) => `in the migration, with fill: {${clean(column)}: '…'}`;

function findingsIn(db: Database, hazards: readonly Hazard[], operations: readonly Operation[], advice: FillAdvice): readonly DraftFinding[] {
	const counts = countsTogether(db, hazards);
	return hazards.flatMap((hazard): readonly DraftFinding[] => {
		try {
			const finding = findingOf(db, hazard, advice, counts.get(hazard));
			const location = operations[hazard.operation]?.origin;
			if (finding === undefined) return [];
			return [location === undefined ? finding : {...finding, location}];
		} catch (cause) {
			const isUnknown = missingExtension(thrownText(cause)) === undefined && serverRefusal(cause) === undefined;
			if (cause instanceof MigrError && isUnknown) throw cause;
			const failure = fileFailure(cause, db.path);
			if (failure !== undefined) throw failure;
			throw notExamined(db, hazard, cause);
		}
	});
}

function findingOf(db: Database, hazard: Hazard, advice: FillAdvice, counted: number | undefined): DraftFinding | undefined {
	switch (hazard.kind) {
		case 'dropTable':
			return dropTableFinding(db, hazard.table);
		case 'dropColumn':
			return dropColumnFinding(db, hazard.table, hazard.column);
		case 'duplicate':
			return duplicateFinding(db, hazard);
		default:
			return rowsFinding(db, hazard, advice, counted);
	}
}

/** Returns the error for a query that fails. The usual cause is a fill with a column that the table does not have. */
function notExamined(db: Database, hazard: Hazard, cause: unknown): MigrError {
	const {table} = hazard;
	const isOfRows = 'rule' in hazard;
	const why = serverRefusal(cause) ?? thrownText(cause);
	return new MigrError('hazard', `cannot check the rows of ${clean(table)} for ${clean(isOfRows ? hazard.rule : hazard.kind)}: ${clean(why)}`, {
		location: {table},
		cause,
		hint: hintFor(db, hazard, why),
	});
}

function hintFor(db: Database, hazard: Hazard, why: string): string | undefined {
	const missing = missingExtension(why);
	if (missing?.startsWith('collation ') === true || (missing !== undefined && !('fillable' in hazard && hazard.fillable)))
		return uncheckedHint(missing);
	if (!('rule' in hazard) || !hazard.fillable) return undefined;
	const columns = columnFacts(db, hazard.table).map(({name}) => clean(String(name)));
	return `write the fill of ${clean(`${hazard.table}.${hazard.column}`)} as an SQL expression over the current columns: ${columns.join(', ')}`;
}

/** Returns the message of SQLite on a server about a name or the syntax of a query. Undefined for any other error, such as a lost connection. */
function serverRefusal(error: unknown): string | undefined {
	if (!(error instanceof MigrError) || error.code !== 'database') return undefined;
	const said = /no such (?:column|table|function): .+|near ".+": syntax error|ambiguous column name: .+/.exec(error.message)?.[0];
	return said?.replace(/ at offset \d+.*$/, '');
}

/** Counts the affected rows of each hazard in one pass per table, because reading the rows is most of the work. Skips tables with one hazard. */
function countsTogether(db: Database, hazards: readonly Hazard[]): ReadonlyMap<Hazard, number> {
	const counts = new Map<Hazard, number>();
	const ofRows = hazards.filter((hazard): hazard is RowHazard => 'where' in hazard && hazard.kind !== 'duplicate');
	for (const [table, group] of Map.groupBy(ofRows, (hazard) => hazard.table)) {
		if (group.length < 2) continue;
		const each = group.map(({where}, index) => `count(*) FILTER (WHERE ${where}) AS "${index}"`).join(', ');
		const any = [...new Set(group.map((hazard) => `(${('prefilter' in hazard ? hazard.prefilter : undefined) ?? hazard.where})`))].join(' OR ');
		try {
			const [row] = db.all(`SELECT ${each} FROM ${quoted(table)} WHERE ${any}`);
			for (const [index, hazard] of group.entries()) counts.set(hazard, Number(row?.[index] ?? 0));
		} catch (error) {
			// One of the conditions fails. Each hazard is then counted separately, so the error names the right one.
			if (sqliteCode(error) === undefined && serverRefusal(error) === undefined) throw error;
		}
	}
	return counts;
}

function dropTableFinding(db: Database, table: string): DraftFinding {
	const rows = countRows(db, table);
	return {
		...blank('dropTable', table, null),
		message: rows === 0 ? 'will be dropped (no rows)' : `will be dropped with ${plural(rows, 'row')}`,
		rows,
		totalRows: rows,
		destructive: true,
		sql: rows === 0 ? null : `SELECT * FROM ${quoted(table)}`,
	};
}

function dropColumnFinding(db: Database, table: string, column: string): DraftFinding {
	const rows = Number(db.value(`SELECT count(${quoted(column)}) FROM ${quoted(table)}`));
	return {
		...blank('dropColumn', table, column),
		message: rows === 0 ? 'will be dropped (no values)' : `will be dropped with ${plural(rows, 'value')}`,
		rows,
		totalRows: countRows(db, table),
		destructive: true,
		sql: rows === 0 ? null : `SELECT ${keyList(rowKeyOf(db, table))}, ${quoted(column)} FROM ${quoted(table)} WHERE ${quoted(column)} IS NOT NULL`,
	};
}

function blank(kind: Finding['kind'], table: string, column: string | null) {
	return {kind, table, column, blocking: false, samples: [], fixes: []};
}

/** A hazard whose condition finds each affected row alone. */
type RowHazard = Exclude<ValueHazard, DuplicateHazard>;

function rowsFinding(db: Database, hazard: RowHazard, advice: FillAdvice, counted: number | undefined): DraftFinding | undefined {
	const from = `FROM ${quoted(hazard.table)} WHERE ${hazard.where}`;
	const rows = counted ?? Number(db.value(`SELECT count(*) ${from}`));
	if (rows === 0) return undefined;
	const key = rowKeyOf(db, hazard.table);
	const values = 'from' in hazard ? [hazard.from] : 'valueTuple' in hazard ? hazard.valueTuple : [];
	const several = values.length > 1 ? values : [];
	const value = several.length > 0 ? 'NULL' : (values[0] ?? 'NULL');
	const becomes = hazard.kind === 'convert' ? hazard.to : undefined;
	const found = db.all(
		`SELECT ${[aliasedKey(key), `${value} AS "value"`, ...several.map((one, index) => `${one} AS "value ${index}"`)].join(', ')}${
			becomes === undefined ? '' : `, ${becomes} AS "becomes"`
		} ${from} LIMIT ${samplesShown}`,
	);
	const totalRows = countRows(db, hazard.table);
	return {
		...blank(hazard.kind, hazard.table, 'column' in hazard ? (hazard.column ?? null) : null),
		message: messageOf(hazard, rows, totalRows),
		rows,
		totalRows,
		blocking: hazard.blocking,
		destructive: hazard.kind === 'convert' || (hazard.kind === 'incompatible' && !hazard.blocking),
		samples: found.map(
			(row): FindingSample => ({
				row: labelFrom(key, row),
				value: several.length === 0 ? (row.value ?? null) : several.map((_, index) => valueText(row[`value ${index}`] ?? null)).join(', '),
				...(becomes === undefined ? {} : {becomes: row.becomes ?? null}),
			}),
		),
		sql: `SELECT ${[keyList(key), ...(value === 'NULL' ? several : [value])].join(', ')} ${from}`,
		fixes: fixesOf(hazard, advice),
	};
}

function duplicateFinding(db: Database, hazard: DuplicateHazard): DraftFinding | undefined {
	const {distinct, table, where} = hazard;
	const given = [...distinct.map((value) => `(${value}) IS NOT NULL`), ...(where === '' ? [] : [`(${where})`])].join(' AND ');
	const groups = `FROM ${quoted(table)} WHERE ${given} GROUP BY ${distinct.join(', ')} HAVING count(*) > 1`;
	const values = Number(db.value(`SELECT count(*) FROM (SELECT 1 ${groups})`));
	if (values === 0) return undefined;
	const rows = Number(db.value(`SELECT coalesce(sum("rows"), 0) FROM (SELECT count(*) AS "rows" ${groups})`));
	const key = rowKeyOf(db, table);
	const shown = distinct.map((value, index) => `${value} AS "value ${index}"`).join(', ');
	const samples = db.all(`SELECT ${shown}, count(*) AS "rows" ${groups} LIMIT ${samplesShown}`).map((group): FindingSample => {
		const shared = distinct.map((_, index) => group[`value ${index}`] ?? null);
		const same = distinct.map((value) => `${value} = ?`).join(' AND ');
		const holders = db.all(`SELECT ${aliasedKey(key)} FROM ${quoted(table)} WHERE ${given} AND ${same} LIMIT 3`, ...shared);
		return {
			row: holders.map((row) => labelFrom(key, row)).join(sameValue),
			value: shared.length === 1 ? (shared[0] ?? null) : shared.map((value) => valueText(value)).join(', '),
		};
	});
	return {
		...blank('duplicate', table, hazard.column ?? null),
		message: `${plural(values, 'duplicate value')} in ${plural(rows, 'row')} would violate ${hazard.rule}`,
		rows,
		totalRows: countRows(db, table),
		blocking: true,
		destructive: false,
		samples,
		sql: duplicatesSql(hazard) ?? `SELECT ${distinct.join(', ')}, count(*) ${groups}`,
		fixes: [`make the values unique, or remove ${hazard.rule} from the model`],
	};
}

/** Returns a readable query with the expression of a fill or conversion once, in a subquery. Undefined if no value is computed. */
function duplicatesSql({computed, distinct, table, where}: DuplicateHazard): string | undefined {
	if (computed === undefined || distinct.every((value) => !value.includes('('))) return undefined;
	const given = computed.map(({raw, name}) => `${raw} AS ${quoted(name)}`).join(', ');
	const rows = `SELECT ${given} FROM ${quoted(table)}${where === '' ? '' : ` WHERE ${where}`}`;
	const isStored = computed.every(({stored, name}) => stored === quoted(name));
	const stored = computed.map(({stored, name}) => (stored === quoted(name) ? stored : `${stored} AS ${quoted(name)}`)).join(', ');
	const values = isStored ? rows : `SELECT ${stored} FROM (${rows})`;
	const names = computed.map(({name}) => quoted(name));
	const compared = computed.map((value) => value.compared).join(', ');
	return `SELECT ${names.join(', ')}, count(*) FROM (${values}) WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')} GROUP BY ${compared} HAVING count(*) > 1`;
}

function messageOf(hazard: RowHazard, rows: number, of: number): string {
	const {rule} = hazard;
	const some = `${count(rows)} of ${plural(of, 'row')}`;
	const are = rows === 1 ? 'is' : 'are';
	switch (hazard.kind) {
		case 'null':
			return `${some} ${are} NULL, but the column becomes NOT NULL`;
		case 'nullKey':
			return `${some} ${are} NULL in the new primary key${rule === 'INTEGER PRIMARY KEY' ? ', so SQLite would generate a value' : ', which does not allow NULL'}`;
		case 'orphan':
			return `${some} ${rows === 1 ? 'has' : 'have'} no parent row for ${rule}`;
		case 'check':
			return `${some} would violate ${rule}`;
		case 'convert':
			if (hazard.byFill === true) return `the fill turns ${plural(rows, 'value')} into NULL or into duplicates: ${rule}`;
			return `${plural(rows, 'value')} would change: ${rule}`;
		case 'incompatible':
			return `${plural(rows, 'value')} ${rows === 1 ? 'does' : 'do'} not fit: ${rule}`;
	}
}

function fixesOf(hazard: RowHazard, advice: FillAdvice): readonly string[] {
	switch (hazard.kind) {
		case 'null':
		case 'nullKey':
			return [`set a value ${advice(hazard.table, hazard.column)}`, 'fix the rows and run the command again'];
		case 'orphan':
			return ['add the missing parent rows or set these columns to NULL, and run the command again'];
		case 'check':
			return [`fix the rows, or change ${hazard.rule} in the model`];
		case 'convert':
			if (hazard.byFill === true) return [`change the conversion ${advice(hazard.table, hazard.column)}`];
			return [`specify the conversion${ofExistingValue(hazard)} ${advice(hazard.table, hazard.column)}`, 'keep the current type'];
		case 'incompatible':
			return [
				hazard.blocking ? 'fix the rows and run the command again' : 'leave these values: they are kept unchanged',
				`specify a conversion${ofExistingValue(hazard)} ${advice(hazard.table, hazard.column)}`,
			];
	}
}

function ofExistingValue({keepsExisting}: ConvertHazard | IncompatibleHazard): string {
	return keepsExisting === true ? ' of the existing value' : '';
}
