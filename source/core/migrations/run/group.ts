import {MigrError} from '../../errors.ts';
import {measureEffects, needsStateBefore} from '../effects/measure.ts';
import type {MeasuredTable} from '../effects/measured-table.ts';
import {attachBefore} from '../effects/state-before.ts';
import type {StatementWatch} from '../effects/statement-watch.ts';
import type {ApplyEvent} from '../event.ts';
import {ensureHistory, insertApplied, removeApplied} from '../history/history.ts';
import {findingsOf} from '../preflight/findings.ts';
import {requireConsent} from './consent.ts';
import type {Examined} from './examine.ts';
import type {PreparedMigration} from './prepared-run.ts';
import type {Run} from './run.ts';
import type {Executed} from './run-events.ts';
import {findingDigest} from './run-plan.ts';
import type {StateBeforeFile} from './state-before-file.ts';

/** Migrations that share a transaction, or one that runs outside a transaction, and the facts known before they run. */
export interface Group {
	readonly migrations: readonly PreparedMigration[];
	readonly examined: Examined;
	/** The state before the group. Undefined if statements and code cannot change existing rows. */
	readonly before: StateBeforeFile | undefined;
}

/** Returns the groups of a run, in order. A migration with `transaction = false` is a separate group. */
export function groupsOf(migrations: readonly PreparedMigration[]): readonly (readonly PreparedMigration[])[] {
	const groups: PreparedMigration[][] = [];
	for (const migration of migrations) {
		const last = groups.at(-1);
		if (last !== undefined && migration.transaction && last[0]?.transaction === true) last.push(migration);
		else groups.push([migration]);
	}
	return groups;
}

/** True if the group is a migration that runs outside a transaction. */
export function outsideTransaction([first]: Group['migrations']): boolean {
	return first?.transaction === false;
}

/** Checks the rows of tables that an earlier migration of the run has changed, which was not possible before. */
export async function* examineDeferred(
	{options, target: {db}}: Run,
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

/** Compares written tables with their state before. Must be called after the last statement, which could otherwise see the attached database. */
export function measured({target: {db}}: Run, {examined, before}: Group, watch: StatementWatch): readonly MeasuredTable[] {
	const {namedDrops} = examined.preflight;
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

/**
 * Adds the migration to the history, or removes it after a downgrade, in the open transaction.
 *
 * @param isFirst false if the same transaction has recorded another migration, so the history table is complete
 * @returns true if the history table was created or completed
 */
export function record(
	{options: {direction, toolVersion, wranglerTable}, target: {db}}: Run,
	migration: PreparedMigration,
	{durationMs}: Executed,
	{isFirst}: {readonly isFirst: boolean},
): boolean {
	const {name, checksum, downgrade} = migration;
	if (direction === 'upgrade') {
		const isChanged = isFirst && ensureHistory(db, wranglerTable);
		insertApplied(db, {name, checksum, durationMs, toolVersion, downgrade}, wranglerTable);
		return isChanged;
	}
	removeApplied(db, name, wranglerTable);
	return false;
}
