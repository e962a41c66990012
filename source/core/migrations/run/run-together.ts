import {TableNames} from '../../operations/table-names.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {readConnectionState, resetConnection} from '../../sqlite/connection-state.ts';
import {eventLoopTurn} from '../../sqlite/event-loop.ts';
import {introspectAgain} from '../../sqlite/introspect.ts';
import {parkedSchema} from '../../sqlite/parked-schema.ts';
import type {GuardedTransaction} from '../../sqlite/transaction.ts';
import {lossFindings} from '../effects/losses.ts';
import {isLoss, type MeasuredTable} from '../effects/measured-table.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import type {ApplyEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {checkHistory, historyContents, mayChangeHistory} from '../history/history-guard.ts';
import {checkReadAgain} from '../replay/target-check.ts';
import type {ApplyOptions} from './apply-options.ts';
import {checkForeignKeys} from './check-foreign-keys.ts';
import {checkGeneratedValues} from './check-generated-values.ts';
import {requireConsent, requirePlan} from './consent.ts';
import {examineDeferred, type Group, measured, record} from './group.ts';
import type {PreparedMigration} from './prepared-run.ts';
import type {Run} from './run.ts';
import {performWithEvents} from './run-events.ts';
import {effectDigest, type RunPlan} from './run-plan.ts';
import {waiting} from './waiting.ts';

/**
 * Runs migrations in the open transaction, records them, and commits: all or nothing. Before each migration, it checks rows that could not be checked
 * earlier. Before COMMIT, it measures the effects of statements and code on rows, which need consent if data is lost, and checks that there
 * are no new foreign key violations.
 */
export async function* runTogether(run: Run, group: Group, transaction: GuardedTransaction): AsyncGenerator<ApplyEvent, void, void> {
	const {options, portable, plans, target, journal} = run;
	const {migrations, examined} = group;
	const {db} = target;
	let schema = plans.planner.introspect(db);
	const watch = new StatementWatch(db, new TableNames(schema));
	// Only a migration after statements needs it.
	const state = migrations.slice(0, -1).some(hasStatement) ? readConnectionState(db) : undefined;
	/** Events to yield after the effects of statements are known and confirmed. */
	const held: ApplyEvent[] = [];
	let hasStatements = false;
	const parked = mayPark(run, group, schema) ? parkedSchema(db, [historyName(options)]) : undefined;
	journal.record({hasWritten: true});
	for (const [index, migration] of migrations.entries()) {
		const {name, origin} = migration;
		journal.record({current: name});
		if (hasStatements && state !== undefined) resetConnection(db, state);
		hasStatements ||= hasStatement(migration);
		if (examined.preflight.deferred.has(name)) parked?.restore();
		yield* examineDeferred(run, migration, examined);
		const history = mayChangeHistory(migration, schema, options.wranglerTable) ? historyContents(db, options.wranglerTable) : undefined;
		const executed = yield* performWithEvents(db, migration, {
			portable,
			planner: plans.planner,
			reassert: () => transaction.reassert(),
			signal: options.signal,
			watch,
			before: schema,
			replayed: migration,
			isComparedLater: true,
			parked,
		});
		if (index === 0) parked?.restore();
		if (history !== undefined) checkHistory(history, db, migration, options.wranglerTable);
		const hasChangedHistory = record(run, migration, executed, {isFirst: index === 0});
		schema = hasChangedHistory ? introspectAgain(db, executed.after, new Set([nameKey(historyName(options))])) : executed.after;
		examined.plan.finish();
		journal.finish(migration, executed);
		const summary = origin === 'adopted' ? 'record removed, no table changed' : executed.summary;
		const done = {type: 'migrationDone', migration: name, durationMs: executed.durationMs, summary} as const;
		if (hasStatements) held.push(done);
		else yield done;
	}
	parked?.restore();
	checkReadAgain(plans.planner.introspect(db), schema);
	const effects = measured(run, group, watch);
	yield* effectEvents(effects, migrations);
	// Checked first, because a question should be asked only if the run can be committed after a yes.
	checkForeignKeys(run, group, watch);
	checkGeneratedValues(db, schema, watch);
	await requireConsentToEffects(run, effects, examined.plan);
	requirePlan(options, examined.plan, migrations);
	yield* held;
	// Handles a Ctrl-C that was pressed after the last step.
	await eventLoopTurn();
	// Read before COMMIT, because another process may lock the database afterwards.
	const applied = readApplied(db, options.wranglerTable);
	yield* waiting(options, ({onWait}) => transaction.commit(onWait));
	journal.commit(migrations.map(({name}) => name));
	journal.record({applied});
}

/** The name of the table that records the migrations. */
function historyName({wranglerTable}: ApplyOptions): string {
	return wranglerTable ?? historyTable;
}

/** True if rows of the schema may be removed temporarily while the migrations run: the database was empty, and only lite-migr uses the connection. */
function mayPark({options}: Run, {migrations}: Group, before: Schema): boolean {
	if (options.connection !== undefined || migrations.some(hasStatement)) return false;
	const {tables, indexes, views, triggers, virtualTables} = before;
	const others = tables.filter(({name}) => !sameName(name, historyName(options)));
	return others.length + indexes.length + views.length + triggers.length + virtualTables.length === 0;
}

function hasStatement({operations}: Pick<PreparedMigration, 'operations'>): boolean {
	return operations.some(({kind}) => kind === 'execute' || kind === 'run');
}

/** Yields the effects of each migration on rows. */
function* effectEvents(effects: readonly MeasuredTable[], migrations: readonly PreparedMigration[]): Generator<ApplyEvent, void, void> {
	for (const {name} of migrations) {
		const tables = effects.filter(({migration}) => migration === name).map(({effect}) => effect);
		if (tables.length > 0) yield {type: 'effects', migration: name, tables};
	}
}

/** @throws ConsentNeeded if data is lost without consent, in which case the last event lists all effects */
async function requireConsentToEffects({options, journal}: Run, effects: readonly MeasuredTable[], plan: RunPlan): Promise<void> {
	for (const table of effects) plan.add(effectDigest(table));
	const lost = effects.filter(({effect}) => isLoss(effect));
	if (lost.length === 0) return;
	journal.record({refused: effects.map(({effect}) => effect)});
	await requireConsent(options, lossFindings(lost), plan.id());
	journal.record({refused: undefined});
}
