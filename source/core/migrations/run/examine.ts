import type {Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {inSnapshot, isSameVersion, versionOf} from '../../sqlite/database-version.ts';
import type {PreflightEvent} from '../event.ts';
import type {Finding} from '../finding.ts';
import {type ForeignKeyViolations, foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import {hasOnlyNewIndexes} from '../preflight/left-to-indexes.ts';
import {type Preflight, preflight} from '../preflight/preflight.ts';
import type {ApplyOptions} from './apply-options.ts';
import {bytesForRewrites, databaseBytes, freeBytes} from './disk-space.ts';
import type {PreparedRun} from './prepared-run.ts';
import type {Run} from './run.ts';
import {openPlan, planOf, type RunPlan} from './run-plan.ts';
import {storedDowngradeFindings} from './stored-downgrade-findings.ts';

/** A prepared run, and the result of checking existing rows before it. */
export interface Examined {
	readonly prepared: PreparedRun;
	readonly preflight: Preflight;
	readonly event: PreflightEvent;
	readonly takesBackup: boolean;
	readonly plan: RunPlan;
	/** Foreign key violations from before the run, in the tables whose rows the run changes. */
	readonly violations: ForeignKeyViolations;
}

/** The options and the database of a run that may never start. */
interface Aim extends Pick<Run, 'options'> {
	readonly target: Pick<Run['target'], 'db' | 'isNew'>;
}

export interface ExamineSettings {
	/** False if no one needs the size of the rewrites, which takes time to measure. */
	readonly measuresSpace?: boolean;
	/** True if the caller examines the rows again if the run fails because of them. */
	readonly leavesDuplicates?: boolean;
}

/** Checks existing rows, by SQL alone. Returns undefined if the database has changed since the run was prepared. */
export function examine(run: Aim, prepared: PreparedRun, settings: ExamineSettings = {}): Examined | undefined {
	const {db} = run.target;
	const isLocked = db.inTransaction;
	return inSnapshot(db, () => {
		const now = versionOf(db);
		// Under the lock, rows may have changed since then, but the schema must be the same.
		const isSame = isLocked ? now.schema === prepared.version.schema : isSameVersion(now, prepared.version);
		return isSame ? examineRows(run, prepared, settings) : undefined;
	});
}

function examineRows({options, target: {db, isNew}}: Aim, prepared: PreparedRun, settings: ExamineSettings): Examined {
	const {present, migrations, touched, changesRows} = prepared;
	const violations = foreignKeyViolations(db, present, touched);
	const leavesDuplicates = settings.leavesDuplicates === true && mayLeaveDuplicates(options, prepared);
	const examined = preflight({db, runs: migrations, replayed: migrations, violations, leavesDuplicates});
	const found: Preflight = {...examined, findings: [...storedDowngradeFindings(migrations), ...examined.findings]};
	const takesBackup = !isNew && options.dryRun !== true && needsBackup(options.backup, db, {migrations, findings: found.findings, changesRows});
	const bytesFree = freeBytes(options.database);
	const rewrites = settings.measuresSpace !== false ? bytesForRewrites(db, present, migrations, bytesFree) : 0;
	const bytesNeeded = rewrites + (takesBackup ? databaseBytes(db) : 0);
	const event: PreflightEvent = {type: 'preflight', findings: found.findings, bytesNeeded, bytesFree};
	const plan = needsPlanId(options, found.findings) ? planOf(db, options.direction, prepared, found) : unknownPlan();
	return {prepared, preflight: found, event, takesBackup, violations, plan};
}

/** True if nothing needs the findings in advance: a dry run shows them, a plan covers them, and a backup would be taken for nothing. */
function mayLeaveDuplicates({dryRun, plan, backup}: ApplyOptions, {migrations, changesRows}: PreparedRun): boolean {
	const isWanted = dryRun === true || plan !== undefined || backup === 'always';
	return !isWanted && !changesRows && migrations.every(({transaction}) => transaction) && hasOnlyNewIndexes(migrations);
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

export interface RunRisk {
	readonly migrations: readonly {readonly steps: readonly Step[]; readonly transaction: boolean}[];
	readonly findings: readonly Pick<Finding, 'destructive'>[];
	/** True if statements or code may change or delete existing rows. */
	readonly changesRows: boolean;
}

/** True if a run must start with a backup. In mode `auto`, this is before anything that loses, rewrites or may change rows. */
export function needsBackup(mode: ApplyOptions['backup'], db: Database, {migrations, findings, changesRows}: RunRisk): boolean {
	if (mode === 'never' || Number(db.value('SELECT count(*) FROM sqlite_schema')) === 0) return false;
	if (mode === 'always' || changesRows || findings.some(({destructive}) => destructive)) return true;
	return migrations.some(({steps, transaction}) => !transaction || steps.some(({strategy}) => strategy === 'rewrite' || strategy === 'drop'));
}
