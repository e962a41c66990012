import {draftFindings} from '../../source/core/migrations/preflight/findings.ts';
import type {Hazard, ValueHazard} from '../../source/core/operations/hazard.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';

export function isValueHazard(hazard: Hazard): hazard is ValueHazard {
	return hazard.kind !== 'dropTable' && hazard.kind !== 'dropColumn';
}

/** Returns the number of rows that the SQL of a hazard finds. */
export function rowsFound(db: Database, hazard: ValueHazard): number {
	const table = quoted(hazard.table);
	if (hazard.kind !== 'duplicate') return Number(db.value(`SELECT count(*) FROM ${table} WHERE ${hazard.where}`));
	const found = Number(
		db.value(`SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${keyed(hazard)} GROUP BY ${groups(hazard)} HAVING count(*) > 1)`),
	);
	const [finding] = draftFindings(db, [hazard]);
	const reported = finding?.sql == null ? 0 : db.tuples(finding.sql).length;
	if (reported !== found) throw new Error(`the SQL shown to the user finds ${reported} rows instead of ${found}: ${finding?.sql}`);
	return found;
}

/** Returns the DELETE for the rows that a hazard finds. Of duplicates, it deletes all. */
export function fixFor(hazard: ValueHazard): string {
	const table = quoted(hazard.table);
	if (hazard.kind !== 'duplicate') return `DELETE FROM ${table} WHERE ${hazard.where}`;
	const same = `SELECT ${groups(hazard)} FROM ${table} WHERE ${keyed(hazard)} GROUP BY ${groups(hazard)} HAVING count(*) > 1`;
	return `DELETE FROM ${table} WHERE ${keyed(hazard)} AND (${groups(hazard)}) IN (${same})`;
}

function groups({distinct}: ValueHazard): string {
	return distinct.join(', ');
}

/** Excludes NULLs, which are all different. */
function keyed({distinct, where}: ValueHazard): string {
	return [...distinct.map((expression) => `${expression} IS NOT NULL`), ...(where === '' ? [] : [`(${where})`])].join(' AND ');
}
