import {findingsOf} from '../../source/core/migrations/preflight/findings.ts';
import type {Hazard, ValueHazard} from '../../source/core/operations/hazard.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';

export function isValueHazard(hazard: Hazard): hazard is ValueHazard {
	return hazard.kind !== 'dropTable' && hazard.kind !== 'dropColumn';
}

/** How many rows a hazard's own SQL finds. */
export function rowsFound(db: Database, hazard: ValueHazard): number {
	const table = quoted(hazard.table);
	if (hazard.kind !== 'duplicate') return Number(db.value(`SELECT count(*) FROM ${table} WHERE ${hazard.where}`));
	const found = Number(
		db.value(`SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${keyed(hazard)} GROUP BY ${groups(hazard)} HAVING count(*) > 1)`),
	);
	const [finding] = findingsOf(db, [hazard], '');
	const told = finding?.sql == null ? 0 : db.tuples(finding.sql).length;
	if (told !== found) throw new Error(`the SQL that a person is told finds ${told} in place of ${found}: ${finding?.sql}`);
	return found;
}

/** The DELETE that takes out the rows that a hazard finds: of those that agree, all. */
export function mendFor(hazard: ValueHazard): string {
	const table = quoted(hazard.table);
	if (hazard.kind !== 'duplicate') return `DELETE FROM ${table} WHERE ${hazard.where}`;
	const same = `SELECT ${groups(hazard)} FROM ${table} WHERE ${keyed(hazard)} GROUP BY ${groups(hazard)} HAVING count(*) > 1`;
	return `DELETE FROM ${table} WHERE ${keyed(hazard)} AND (${groups(hazard)}) IN (${same})`;
}

function groups({distinct}: ValueHazard): string {
	return distinct.join(', ');
}

/** NULLs are all different. */
function keyed({distinct, where}: ValueHazard): string {
	return [...distinct.map((expression) => `${expression} IS NOT NULL`), ...(where === '' ? [] : [`(${where})`])].join(' AND ');
}
