import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {StatementWatch} from '../effects/statement-watch.ts';
import {callText} from '../files/call-text.ts';
import {foreignKeyViolations, newViolations, type Violation} from '../preflight/foreign-key-check.ts';
import {type Group, outsideTransaction} from './group.ts';
import type {Run} from './run.ts';

/**
 * Checks the foreign keys of all tables whose rows a group may have changed. Violations from before the run are no reason to stop it.
 *
 * @throws MigrError `guard` if more rows have no parent row than before
 */
export function checkForeignKeys({options, target: {db}}: Run, {migrations, examined}: Group, watch: StatementWatch): void {
	const tables = new Set([...watch.record.touched].map(({now}) => nameKey(now)));
	if (tables.size === 0) return;
	const [first, ...more] = newViolations(examined.violations, foreignKeyViolations(db, introspect(db), tables), watch.record.names);
	if (first === undefined) return;
	const suspects = migrations.flatMap(({operations}) => operations).filter((operation) => mayBreak(operation, first));
	const isPermanent = outsideTransaction(migrations) && options.dryRun !== true;
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
