import type {PreflightEvent} from '../event.ts';
import type {Finding} from '../finding.ts';
import {type ForeignKeyViolations, foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import {type Preflight, preflight} from '../preflight/preflight.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {inSnapshot, versionOf} from './database-version.ts';
import {bytesForRewrites, databaseBytes, freeBytes} from './disk-space.ts';
import type {PreparedRun} from './prepare-run.ts';
import {openPlan, planOf, type RunPlan} from './run-plan.ts';
import {storedDowngradeFindings} from './stored-downgrade-findings.ts';
import {wantsBackup} from './wants-backup.ts';

/** What the rows say to a run. */
export interface Examined {
	readonly preflight: Preflight;
	readonly event: PreflightEvent;
	readonly takesBackup: boolean;
	readonly plan: RunPlan;
	/** Foreign keys that were broken before, of the tables whose rows the run touches. */
	readonly violations: ForeignKeyViolations;
}

/** Looks at the rows that are there, by SQL alone; undefined where the database is no longer the one that was prepared for. */
export function examine(options: ApplyOptions, target: Pick<Target, 'db' | 'isNew'>, prepared: PreparedRun): Examined | undefined {
	const {db} = target;
	const isLocked = db.inTransaction;
	return inSnapshot(db, () => {
		const {data, schema} = versionOf(db);
		// Under the lock rows may have changed since, but not the schema.
		const isSame = schema === prepared.version.schema && (isLocked || data === prepared.version.data);
		return isSame ? examineRows(options, target, prepared) : undefined;
	});
}

function examineRows(options: ApplyOptions, {db, isNew}: Pick<Target, 'db' | 'isNew'>, prepared: PreparedRun): Examined {
	const {present, migrations, touched, changesRows} = prepared;
	const violations = foreignKeyViolations(db, present, touched);
	const examined = preflight({db, runs: migrations, replayed: migrations, violations});
	const found: Preflight = {...examined, findings: [...storedDowngradeFindings(migrations), ...examined.findings]};
	const takesBackup = !isNew && options.dryRun !== true && wantsBackup(options.backup, db, {migrations, findings: found.findings, changesRows});
	const bytesFree = freeBytes(options.database);
	const bytesNeeded = bytesForRewrites(db, present, migrations, bytesFree) + (takesBackup ? databaseBytes(db) : 0);
	const event: PreflightEvent = {type: 'preflight', findings: found.findings, bytesNeeded, bytesFree};
	const plan = isPlanWanted(options, found.findings) ? planOf(db, options.direction, prepared, found) : unknownPlan();
	return {preflight: found, event, takesBackup, violations, plan};
}

/** Rows that a run reads for the id of its plan although nobody has asked for it. */
const fewRows = 100_000;

/** With consent to everything the id is only a record: a large table is not read for it. */
function isPlanWanted({plan, consent, dryRun}: ApplyOptions, findings: readonly Finding[]): boolean {
	if (plan !== undefined || dryRun === true || consent !== true) return true;
	return findings.reduce((sum, {destructive, rows}) => sum + (destructive ? rows : 0), 0) <= fewRows;
}

function unknownPlan(): RunPlan {
	return openPlan('', {isMeasured: true, migrations: Number.POSITIVE_INFINITY});
}
