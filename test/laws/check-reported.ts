import type {Plan} from '../../source/core/plan/plan.ts';
import {columnAffinity} from '../../source/core/schema/affinity.ts';
import {nameKey, quoted, sameName} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {isValueHazard, rowsFound} from './fix.ts';
import type {Case} from './generate/case.ts';
import {columnOf, type ModelColumn, type ModelTable, tableOf} from './generate/model.ts';
import {isSame, readStored, storedFrom} from './same-value.ts';

/** Returns a kept column whose number of changed values differs from its hazards. Undefined if all changes are reported. */
export function unreported(db: Database, one: Case, {hazards}: Pick<Plan, 'hazards'>): string | undefined {
	for (const before of one.from.tables) {
		const after = tableOf(one.to, before.id);
		for (const column of after?.columns ?? []) {
			const old = columnOf(before, column.id);
			if (after === undefined || old === undefined || !isPlain(one, before, after, old, column)) continue;
			const changed = changedValues(db, before, old, after, column);
			const found = hazards
				.filter(isValueHazard)
				.filter((hazard) => hazard.kind === 'convert' && sameName(hazard.table, before.name) && sameName(hazard.column ?? '', column.name))
				.reduce((rows, hazard) => rows + rowsFound(db, hazard), 0);
			if (changed.length !== found)
				return `${before.name}.${old.name} → ${column.name}: ${found} values are reported, ${changed.length} change: ${changed.join('; ')}`;
		}
	}
	return undefined;
}

function isPlain({decisions}: Case, before: ModelTable, after: ModelTable, old: ModelColumn, column: ModelColumn): boolean {
	const isKey = [before, after].some(({key}) => key?.columns.some((part) => part.column === column.id));
	const isFilled = decisions.fills.some((fill) => sameName(fill.table, before.name) && nameKey(fill.column) === nameKey(column.name));
	return !isKey && !isFilled && old.generated === undefined && column.generated === undefined;
}

/** Returns the values that SQLite itself changes when it stores them in the new column. */
function changedValues(db: Database, before: ModelTable, old: ModelColumn, after: ModelTable, column: ModelColumn): readonly string[] {
	db.exec(`CREATE TEMP TABLE converted (was${after.strict ? ' ANY' : ''}, now ${column.type})${after.strict ? ' STRICT' : ''}`);
	try {
		db.exec(`INSERT INTO temp.converted SELECT ${quoted(old.name)}, ${quoted(old.name)} FROM main.${quoted(before.name)}`);
		const isReal = columnAffinity(column.type, after.strict) === 'REAL';
		return db
			.tuples(`SELECT ${readStored('was')}, ${readStored('now')} FROM temp.converted`)
			.map((row) => [storedFrom(row.slice(0, 4)), storedFrom(row.slice(4))] as const)
			.filter(([was, now]) => !isSame(was, now, isReal))
			.map(([was, now]) => `${was.type} ${was.quoted} → ${now.type} ${now.quoted}`);
	} finally {
		db.exec('DROP TABLE temp.converted');
	}
}
