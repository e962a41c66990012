import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import {MigrError, restated} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import {eventLoopTurn} from '../../sqlite/event-loop.ts';
import {introspect} from '../../sqlite/introspect.ts';
import type {GuardedTransaction} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, NoticeEvent} from '../event.ts';
import {callText} from '../files/call-text.ts';
import {recordApplied, removeApplied} from '../history/history.ts';
import {checkHistory, historyContents} from '../history/history-guard.ts';
import {findingsOf} from '../preflight/findings.ts';
import {foreignKeyViolations, newViolations, type Violation} from '../preflight/foreign-key-check.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {requireConsent} from './consent.ts';
import type {Examined} from './examine.ts';
import type {PreparedMigration} from './prepare-run.ts';
import {canTouchRows, checkRows, countAll, type RowCounts} from './row-guard.ts';
import {type Executed, performAloud} from './run-events.ts';
import type {RunProgress} from './run-progress.ts';
import {operationsOf, tablesWithNewRows} from './touched-tables.ts';
import {waitingAloud} from './waiting.ts';

/**
 * Runs migrations in the open transaction, notes them, and commits: all or nothing. Before each, the rows are asked about what only now can be known;
 * after each, no table may have lost rows unnamed; at the end, no foreign key may be broken that was not before.
 */
export async function* runTogether(
	options: ApplyOptions,
	{db}: Target,
	migrations: readonly PreparedMigration[],
	examined: Examined,
	progress: RunProgress,
	transaction: GuardedTransaction,
): AsyncGenerator<ApplyEvent, void, void> {
	const {signal} = options;
	let counts: RowCounts | undefined;
	const performed: Executed[] = [];
	progress.hasWritten = true;
	for (const migration of migrations) {
		progress.current = migration.name;
		yield* examineDeferred(options, db, migration, examined);
		const isGuarded = canTouchRows(migration.steps);
		const before = isGuarded ? (counts ?? countAll(db, introspect(db))) : undefined;
		const history = historyContents(db);
		const executed = yield* performAloud(db, migration, {reassert: () => transaction.reassert(), ...(signal === undefined ? {} : {signal})});
		checkHistory(history, db, migration);
		counts = isGuarded ? countAll(db, executed.after) : undefined;
		if (before !== undefined && counts !== undefined) guardRows(migration, executed, before, counts);
		note(options, db, migration, executed.durationMs);
		performed.push(executed);
		const {name, canUndo, origin} = migration;
		progress.ran.push({name, durationMs: executed.durationMs, steps: executed.steps.length, canUndo, origin});
		const summary = origin === 'adopted' ? 'record removed, no table changed' : executed.summary;
		yield {type: 'migrationDone', migration: name, durationMs: executed.durationMs, summary};
	}
	checkForeignKeys(db, migrations, performed, examined);
	// A Ctrl-C from the last step on still counts.
	await eventLoopTurn();
	yield* emitted<NoticeEvent, void>((emit) => transaction.commit(waitingAloud(options, emit).onWait));
	progress.committed.push(...migrations.map(({name}) => name));
	progress.current = null;
}

/** Of a table that an earlier migration of the run has touched only now the rows can be asked. */
export async function* examineDeferred(
	options: ApplyOptions,
	db: Target['db'],
	{name, operations}: PreparedMigration,
	{preflight, event}: Examined,
): AsyncGenerator<ApplyEvent, void, void> {
	const hazards = preflight.deferred.get(name);
	const findings = hazards === undefined ? [] : findingsOf(db, hazards, name, operations);
	if (findings.length === 0) return;
	yield {...event, findings};
	await requireConsent(options, findings);
}

function guardRows(migration: PreparedMigration, {removesFrom}: Executed, before: RowCounts, after: RowCounts): void {
	try {
		checkRows(before, after, migration.operations, removesFrom);
	} catch (error) {
		throw error instanceof MigrError ? restated(error, {location: {...error.location, file: migration.path}}) : error;
	}
}

export function note({direction, toolVersion}: ApplyOptions, db: Target['db'], migration: PreparedMigration, durationMs: number): void {
	const {name, checksum, downgrade} = migration;
	if (direction === 'upgrade') recordApplied(db, {name, checksum, durationMs, toolVersion, downgrade});
	else removeApplied(db, name);
}

function checkForeignKeys(db: Target['db'], migrations: readonly PreparedMigration[], performed: readonly Executed[], {violations}: Examined): void {
	const operations = operationsOf(migrations);
	const tables = tablesWithNewRows(performed, operations);
	if (tables !== 'all' && tables.size === 0) return;
	const [first, ...more] = newViolations(violations, foreignKeyViolations(db, introspect(db), tables), operations);
	if (first === undefined) return;
	const culprits = operations.filter((operation) => mayBreak(operation, first));
	const origin = culprits[0]?.origin;
	throw new MigrError('guard', `${plural(first.count, 'row')} of ${clean(first.table)} would have no parent in ${clean(first.parent)}`, {
		location: {...origin, table: first.table},
		details: [
			...culprits
				.slice(0, 5)
				.map((operation) => `${callText(operation)}${operation.origin?.line === undefined ? '' : `, line ${operation.origin.line}`}`),
			`${[...first.rows].slice(0, 5).join(' · ')}${first.count > 5 ? ' …' : ''}`,
			`all of them, once it has run:  PRAGMA foreign_key_check(${quoted(first.table)})`,
			...more.map(({table, parent, count}) => `${plural(count, 'row')} of ${clean(table)} would have no parent in ${clean(parent)}`),
		],
		hint: 'foreign keys are off while migrations run, so nothing cascades: delete or change these rows in the migration as well',
	});
}

/** A statement that names the child or the parent, or code, which may write anything. */
function mayBreak(operation: Operation, {table, parent}: Violation): boolean {
	const isIt = (name: string) => nameKey(name) === nameKey(table) || nameKey(name) === nameKey(parent);
	if (operation.kind === 'run') return true;
	if (operation.kind === 'execute') return cursorOver(operation.sql).tokens.some((token) => isIt(nameOf(token)));
	return 'table' in operation && (operation.kind === 'dropTable' || operation.kind === 'changeTable') && isIt(operation.table);
}
