import {nameOf} from '../../ddl/lexer.ts';
import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import {fillsOf, isAlteration} from '../../operations/alteration.ts';
import type {Operation} from '../../operations/operation.ts';
import {touchedBy} from '../../operations/touched-by.ts';
import type {RewriteStep} from '../../plan/step.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {thrownText} from '../../text/thrown.ts';
import {replay} from '../replay/replay.ts';

/**
 * Checks that SQLite can compile the fills of a migration, at the moment when each of them runs, on a copy of the schema without rows. Rows may still
 * make a fill fail.
 *
 * @throws MigrError `hazard` for the first fill that SQLite rejects
 */
export async function refuseRejectedFills(from: Schema, operations: readonly Operation[]): Promise<void> {
	if (!operations.some((operation) => isAlteration(operation) && fillsOf(operation).size > 0)) return;
	let rejected: MigrError | undefined;
	try {
		await replay(withoutOtherTables(from, operations), [{name: '', path: '', operations}], {
			onStep(_migration, db, step) {
				if (step.kind === 'rewrite') rejected ??= rejectedFill(db, step, {from, operations});
			},
		});
	} catch (error) {
		// Anything else that is wrong with the migration is reported elsewhere.
		if (!(error instanceof MigrError)) throw error;
	}
	if (rejected !== undefined) throw rejected;
}

/**
 * Removes the tables that no operation, fill, view or trigger can name, with their indexes. Creating thousands of them takes seconds. A name too many is
 * harmless.
 */
function withoutOtherTables(schema: Schema, operations: readonly Operation[]): Schema {
	const named = new Set([
		...operations.flatMap((operation) => namesIn(operation, schema)),
		...[...schema.views, ...schema.triggers].flatMap(({mentions}) => mentions),
		...schema.triggers.map(({table}) => nameKey(table)),
	]);
	const isNamed = (table: string) => named.has(nameKey(table));
	return {
		...schema,
		tables: schema.tables.filter(({name}) => isNamed(name)),
		indexes: schema.indexes.filter(({table}) => isNamed(table)),
	};
}

/** Returns every name in an operation that can be a table, in lower case. */
function namesIn(operation: Operation, {indexes}: Schema): readonly string[] {
	const sql = 'sql' in operation ? [operation.sql] : 'definition' in operation ? [operation.definition] : [];
	const fills = isAlteration(operation) ? fillsOf(operation).values() : [];
	const index = operation.kind === 'dropIndex' ? indexes.find(({name}) => sameName(name, operation.index)) : undefined;
	return [
		...touchedBy(operation).map(nameKey),
		...(index === undefined ? [] : [nameKey(index.table)]),
		...[...sql, ...fills].flatMap((text) => [...mentionedNames(text)]),
	];
}

interface Drafted {
	readonly from: Schema;
	readonly operations: readonly Operation[];
}

/** Returns the columns of a table that a fill sets, in lower case. */
function filled({object}: RewriteStep, operations: readonly Operation[]): ReadonlySet<string> {
	return new Set(
		operations.flatMap((operation) =>
			isAlteration(operation) && nameKey(operation.table) === nameKey(object) ? [...fillsOf(operation).keys()] : [],
		),
	);
}

function rejectedFill(db: Database, step: RewriteStep, {from, operations}: Drafted): MigrError | undefined {
	const {table, object, copy} = step;
	const fills = filled(step, operations);
	for (const [index, expression] of copy.expressions.entries()) {
		const column = nameOf(copy.columns[index] ?? '');
		if (!fills.has(nameKey(column))) continue;
		try {
			// In a condition, SQLite also rejects aggregates, which would turn all rows into one.
			db.all(`EXPLAIN SELECT 1 FROM ${quoted(table)} WHERE (${expression}\n) IS NULL`);
		} catch (error) {
			const name = clean(`${object}.${column}`);
			const columns = columnsBefore(object, from, operations).map(clean).join(', ');
			return new MigrError('hazard', `the fill of ${name} is not valid: ${clean(thrownText(error))}`, {
				location: {table: object},
				hint: `write the fill of ${name} as an SQL expression over the current columns: ${columns}`,
				cause: error,
			});
		}
	}
	return undefined;
}

/** Returns the columns of a table before the renames of the migration, because a fill names them. */
function columnsBefore(table: string, from: Schema, operations: readonly Operation[]): readonly string[] {
	const old = operations.reduceRight(
		(name, operation) => (operation.kind === 'renameTable' && sameName(operation.to, name) ? operation.table : name),
		table,
	);
	return findTable(from, old)?.columns.map(({name}) => name) ?? [];
}
