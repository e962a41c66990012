import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {TableNames} from '../../operations/table-names.ts';
import {readConnectionState, resetConnection} from '../../sqlite/connection-state.ts';
import {eventLoopTurn} from '../../sqlite/event-loop.ts';
import {introspect} from '../../sqlite/introspect.ts';
import type {GuardedTransaction} from '../../sqlite/transaction.ts';
import {lossFindings} from '../effects/losses.ts';
import {measureEffects, needsStateBefore} from '../effects/measure.ts';
import {isLoss, type MeasuredTable} from '../effects/measured-table.ts';
import {attachBefore} from '../effects/state-before.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, NoticeEvent} from '../event.ts';
import {recordApplied, removeApplied} from '../history/history.ts';
import {checkHistory, historyContents} from '../history/history-guard.ts';
import {findingsOf} from '../preflight/findings.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {checkForeignKeys} from './check-foreign-keys.ts';
import {requireConsent} from './consent.ts';
import type {Examined} from './examine.ts';
import type {PreparedMigration} from './prepare-run.ts';
import {requirePlan} from './require-plan.ts';
import {performWithEvents} from './run-events.ts';
import {effectDigest, findingDigest} from './run-plan.ts';
import type {RunProgress} from './run-progress.ts';
import type {StateBeforeFile} from './state-before-file.ts';
import {lockOptions} from './waiting.ts';

/**
 * Runs migrations in the open transaction, records them, and commits: all or nothing. Before each migration, it checks rows that could not be checked
 * earlier. Before COMMIT, it measures the effects of statements and code on rows, which need consent if data is lost, and checks that there
 * are no new foreign key violations.
 *
 * @param before the state before the transaction, if statements or code may change existing rows
 */
export async function* runTogether(
	options: ApplyOptions,
	{db}: Target,
	migrations: readonly PreparedMigration[],
	{examined, before, progress, transaction}: GroupRun,
): AsyncGenerator<ApplyEvent, void, void> {
	const watch = new StatementWatch(db, new TableNames(introspect(db)));
	const state = readConnectionState(db);
	/** Events to yield after the effects of statements are known and confirmed. */
	const held: ApplyEvent[] = [];
	let hasStatements = false;
	progress.hasWritten = true;
	for (const migration of migrations) {
		progress.current = migration.name;
		if (hasStatements) resetConnection(db, state);
		hasStatements ||= migration.operations.some(isStatement);
		yield* examineDeferred(options, db, migration, examined);
		const history = historyContents(db);
		const executed = yield* performWithEvents(db, migration, {reassert: () => transaction.reassert(), signal: options.signal, watch});
		checkHistory(history, db, migration);
		note(options, db, migration, executed.durationMs);
		examined.plan.finish();
		const {name, canUndo, origin} = migration;
		const {durationMs} = executed;
		progress.ran.push({name, durationMs, steps: executed.steps.length, canUndo, origin});
		const summary = origin === 'adopted' ? 'record removed, no table changed' : executed.summary;
		const done = {type: 'migrationDone', migration: name, durationMs, summary} as const;
		if (hasStatements) held.push(done);
		else yield done;
	}
	const effects = measured(db, watch, examined, before);
	yield* effectEvents(effects, migrations);
	// First: a question is only asked if the run can be committed after a yes.
	checkForeignKeys(db, watch, operationsOf(migrations), examined.violations);
	await requireConsentToEffects(options, effects, {examined, progress});
	requirePlan(options, examined.plan, migrations);
	yield* held;
	// Handles a Ctrl-C that was pressed after the last step.
	await eventLoopTurn();
	yield* emitted<NoticeEvent, void>((emit) => transaction.commit(lockOptions(options, emit).onWait));
	progress.committed.push(...migrations.map(({name}) => name));
	progress.current = null;
}

/** The values that the migrations of one transaction share. */
export interface GroupRun {
	readonly examined: Examined;
	readonly before: StateBeforeFile | undefined;
	readonly progress: RunProgress;
	readonly transaction: GuardedTransaction;
}

function isStatement({kind}: Operation): boolean {
	return kind === 'execute' || kind === 'run';
}

/** Compares written tables with their state before. Must be called after the last statement, which could otherwise see the attached database. */
export function measured(
	db: Target['db'],
	watch: StatementWatch,
	{preflight}: Examined,
	before: StateBeforeFile | undefined,
): readonly MeasuredTable[] {
	const {namedDrops} = preflight;
	if (needsStateBefore(watch, namedDrops)) {
		if (before === undefined) {
			throw new MigrError('guard', 'a statement changed existing rows unexpectedly', {
				hint: 'please report this bug in lite-migr with the migration',
			});
		}
		attachBefore(db, before.path);
	}
	return measureEffects(db, watch, namedDrops);
}

/** Yields the effects of each migration on rows. */
function* effectEvents(effects: readonly MeasuredTable[], migrations: readonly PreparedMigration[]): Generator<ApplyEvent, void, void> {
	for (const {name} of migrations) {
		const tables = effects.filter(({migration}) => migration === name).map(({effect}) => effect);
		if (tables.length > 0) yield {type: 'effects', migration: name, tables};
	}
}

/** @throws ConsentNeeded if data is lost without consent, in which case the last event lists all effects */
async function requireConsentToEffects(
	options: ApplyOptions,
	effects: readonly MeasuredTable[],
	{examined: {plan}, progress}: Pick<GroupRun, 'examined' | 'progress'>,
): Promise<void> {
	for (const table of effects) plan.add(effectDigest(table));
	const lost = effects.filter(({effect}) => isLoss(effect));
	if (lost.length === 0) return;
	progress.refused = effects.map(({effect}) => effect);
	await requireConsent(options, lossFindings(lost), plan.id());
	progress.refused = undefined;
}

/** Checks the rows of tables that an earlier migration of the run has changed, which was not possible before. */
export async function* examineDeferred(
	options: ApplyOptions,
	db: Target['db'],
	{name, operations}: PreparedMigration,
	{preflight, event, plan}: Examined,
): AsyncGenerator<ApplyEvent, void, void> {
	const hazards = preflight.deferred.get(name);
	const findings = hazards === undefined ? [] : findingsOf(db, hazards, name, operations);
	if (findings.length === 0) return;
	yield {...event, findings};
	for (const finding of findings) plan.add(findingDigest(db, finding));
	await requireConsent(options, findings, null);
}

/** Adds the migration to the history, or removes it after a downgrade. */
export function note({direction, toolVersion}: ApplyOptions, db: Target['db'], migration: PreparedMigration, durationMs: number): void {
	const {name, checksum, downgrade} = migration;
	if (direction === 'upgrade') recordApplied(db, {name, checksum, durationMs, toolVersion, downgrade});
	else removeApplied(db, name);
}

/** Returns the operations of all migrations, in order. */
function operationsOf(migrations: readonly {readonly operations: readonly Operation[]}[]): readonly Operation[] {
	return migrations.flatMap(({operations}) => operations);
}
