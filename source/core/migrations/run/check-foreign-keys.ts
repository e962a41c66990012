import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {StatementWatch} from '../effects/statement-watch.ts';
import {callText} from '../files/call-text.ts';
import {type ForeignKeyViolations, foreignKeyViolations, newViolations, type Violation} from '../preflight/foreign-key-check.ts';

/**
 * Checks the foreign keys of all tables whose rows the operations may have changed.
 *
 * @param before violations from before the run, which are no reason to stop it
 * @param isPermanent true if the changes cannot be rolled back
 * @throws MigrError `guard` if more rows have no parent row than before
 */
export function checkForeignKeys(
	db: Database,
	watch: StatementWatch,
	operations: readonly Operation[],
	before: ForeignKeyViolations,
	isPermanent = false,
): void {
	const tables = new Set([...watch.record.touched].map(({now}) => nameKey(now)));
	if (tables.size === 0) return;
	const [first, ...more] = newViolations(before, foreignKeyViolations(db, introspect(db), tables), watch.record.names);
	if (first === undefined) return;
	const suspects = operations.filter((operation) => mayBreak(operation, first));
	throw new MigrError('guard', `the migration ${isPermanent ? 'left' : 'would leave'} ${orphansText(first)}`, {
		location: {...suspects[0]?.origin, table: first.table},
		details: [
			...suspects
				.slice(0, 5)
				.map((operation) => `${callText(operation)}${operation.origin?.line === undefined ? '' : `, line ${operation.origin.line}`}`),
			`${[...first.rows].slice(0, 5).join(' · ')}${first.count > 5 ? ' …' : ''}`,
			`find all${isPermanent ? '' : ', once it has run'}:  PRAGMA foreign_key_check(${quoted(first.table)})`,
			...more.map((violation) => `it ${isPermanent ? 'also left' : 'would also leave'} ${orphansText(violation)}`),
		],
		hint: 'foreign keys are off during a migration, so deletes do not cascade: delete or update these rows in the migration too',
	});
}

function orphansText({table, parent, count}: Violation): string {
	return `${plural(count, 'row')} in ${clean(table)} without a parent row in ${clean(parent)}`;
}

/** True for a statement that names the child or the parent table, and for code, which may write any table. */
function mayBreak(operation: Operation, {table, parent}: Violation): boolean {
	const isNamedIn = (names: ReadonlySet<string>) => names.has(nameKey(table)) || names.has(nameKey(parent));
	if (operation.kind === 'run') return true;
	if (operation.kind === 'execute') return isNamedIn(mentionedNames(operation.sql));
	return (operation.kind === 'dropTable' || operation.kind === 'changeTable') && isNamedIn(new Set([nameKey(operation.table)]));
}
