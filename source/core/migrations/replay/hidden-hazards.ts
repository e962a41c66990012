import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import {diff} from '../../diff/diff.ts';
import {noDecisions, type RenameDecision} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {changesSchema} from '../../plan/changes-schema.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import {renameIn} from './rename-in.ts';

/**
 * What plain statements of a migration (`execute`, a `.sql` file) lose: they say nothing of hazards, so the schemas before and after are compared.
 * Whatever is gone and was not renamed counts as dropped, and values under another type as converted; `known` hazards are left out.
 * Rules that rows may break are not told: the statements themselves may mend the rows first.
 */
export function hiddenHazards(before: Schema, after: Schema, operations: readonly Operation[], known: readonly Hazard[]): readonly Hazard[] {
	const plain = operations.flatMap((operation, index) =>
		operation.kind === 'execute' && changesSchema(operation.sql) ? [{index, sql: operation.sql}] : [],
	);
	const [first] = plain;
	if (first === undefined) return [];
	const found = hazardsBetween(before, after, renamesIn(operations));
	return found
		.filter(({kind}) => kind === 'dropTable' || kind === 'dropColumn' || kind === 'convert' || kind === 'misfit')
		.filter((hazard) => !known.some((other) => isSame(other, hazard)))
		.map((hazard) => {
			const fails = hazard.kind === 'misfit' || hazard.kind === 'convert' ? {fails: false} : {};
			return {...hazard, ...fails, operation: (plain.find(({sql}) => isCulprit(sql, hazard)) ?? first).index} as Hazard;
		});
}

/** The statement that drops the table (a rebuild drops the old one), or the column. */
function isCulprit(sql: string, hazard: Hazard): boolean {
	const {verb, removesFrom} = statementFacts(sql);
	if (verb === 'DROP') return removesFrom !== undefined && sameName(removesFrom, hazard.table);
	const names = cursorOver(sql).tokens.map(nameOf);
	return (
		verb === 'ALTER' && hazard.kind === 'dropColumn' && [hazard.table, hazard.column].every((wanted) => names.some((name) => sameName(name, wanted)))
	);
}

function hazardsBetween(before: Schema, after: Schema, renames: readonly RenameDecision[]): readonly Hazard[] {
	try {
		return diff(before, after, {...noDecisions, renames, noRenames: true, allowDrops: true}).hazards;
	} catch (error) {
		// Renames in a circle or of what was dropped on the way: then everything that is gone counts as dropped.
		if (!(error instanceof MigrError) || renames.length === 0) throw error;
		return hazardsBetween(before, after, []);
	}
}

function isSame(a: Hazard, b: Hazard): boolean {
	const column = (hazard: Hazard) => ('column' in hazard ? (hazard.column ?? '') : '');
	return a.kind === b.kind && sameName(a.table, b.table) && sameName(column(a), column(b));
}

/** ALTER TABLE … RENAME TO and RENAME COLUMN, and the operations of the same names, from the names before to those after. */
function renamesIn(operations: readonly Operation[]): readonly RenameDecision[] {
	const renames: RenameDecision[] = [];
	for (const operation of operations) {
		const rename =
			operation.kind === 'execute'
				? renameIn(operation.sql)
				: operation.kind === 'renameTable' || operation.kind === 'renameColumn'
					? operation
					: undefined;
		if (rename === undefined) continue;
		const {table, to} = rename;
		renames.push('column' in rename && rename.column !== undefined ? {table, column: rename.column, to} : {table, to});
	}
	return renames;
}
