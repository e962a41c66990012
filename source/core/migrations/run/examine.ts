import type {PreflightEvent} from '../event.ts';
import type {Finding} from '../finding.ts';
import {type ForeignKeyViolations, foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import {type Preflight, preflight} from '../preflight/preflight.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {inSnapshot, versionOf} from './database-version.ts';
import {bytesForRewrites, databaseBytes, freeBytes} from './disk-space.ts';
import {needsBackup} from './needs-backup.ts';
import type {PreparedRun} from './prepare-run.ts';
import {openPlan, planOf, type RunPlan} from './run-plan.ts';
import {storedDowngradeFindings} from './stored-downgrade-findings.ts';

/** The result of checking existing rows before a run. */
export interface Examined {
	readonly preflight: Preflight;
	readonly event: PreflightEvent;
	readonly takesBackup: boolean;
	readonly plan: RunPlan;
	/** Foreign key violations from before the run, in the tables whose rows the run changes. */
	readonly violations: ForeignKeyViolations;
}

/** Checks existing rows, by SQL alone. Returns undefined if the database has changed since the run was prepared. */
export function examine(options: ApplyOptions, target: Pick<Target, 'db' | 'isNew'>, prepared: PreparedRun): Examined | undefined {
	const {db} = target;
	const isLocked = db.inTransaction;
	return inSnapshot(db, () => {
		const {data, schema} = versionOf(db);
		// Under the lock, rows may have changed since then, but the schema must be the same.
		const isSame = schema === prepared.version.schema && (isLocked || data === prepared.version.data);
		return isSame ? examineRows(options, target, prepared) : undefined;
	});
}

function examineRows(options: ApplyOptions, {db, isNew}: Pick<Target, 'db' | 'isNew'>, prepared: PreparedRun): Examined {
	const {present, migrations, touched, changesRows} = prepared;
	const violations = foreignKeyViolations(db, present, touched);
	const examined = preflight({db, runs: migrations, replayed: migrations, violations});
	const found: Preflight = {...examined, findings: [...storedDowngradeFindings(migrations), ...examined.findings]};
	const takesBackup = !isNew && options.dryRun !== true && needsBackup(options.backup, db, {migrations, findings: found.findings, changesRows});
	const bytesFree = freeBytes(options.database);
	const bytesNeeded = bytesForRewrites(db, present, migrations, bytesFree) + (takesBackup ? databaseBytes(db) : 0);
	const event: PreflightEvent = {type: 'preflight', findings: found.findings, bytesNeeded, bytesFree};
	const plan = needsPlanId(options, found.findings) ? planOf(db, options.direction, prepared, found) : unknownPlan();
	return {preflight: found, event, takesBackup, violations, plan};
}

/** Maximum number of rows that a run reads for a plan id that nothing requires. */
const fewRows = 100_000;

/** True if the plan id is needed. With consent to everything it is only a record, so no large table is read for it. */
function needsPlanId({plan, consent, dryRun}: ApplyOptions, findings: readonly Finding[]): boolean {
	if (plan !== undefined || dryRun === true || consent !== true) return true;
	return findings.reduce((sum, {destructive, rows}) => sum + (destructive ? rows : 0), 0) <= fewRows;
}

function unknownPlan(): RunPlan {
	return openPlan('', {isMeasured: true, migrations: Number.POSITIVE_INFINITY});
}
