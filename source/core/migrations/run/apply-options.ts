import type {Config} from '../../config/config.ts';
import {version} from '../../version.ts';
import type {Direction} from '../event.ts';
import type {Finding} from '../finding.ts';

export interface ApplyOptions {
	/** The path of the database; an upgrade makes the file. */
	readonly database: string;
	readonly migrationsDir: string;
	readonly direction: Direction;
	/** The last migration to apply, or the last to be left applied; otherwise all that are pending, or the last applied one. */
	readonly to?: string;
	readonly steps?: number;
	/** Everything for real on a private copy, which is then removed. */
	readonly dryRun?: boolean;
	/** `auto`: before anything destructive, a rebuild, or a change of rows. */
	readonly backup: 'auto' | 'always' | 'never';
	/** `backups/` beside the database where nothing is said. */
	readonly backupDir?: string;
	/** 5 where nothing is said. */
	readonly backupKeep?: number;
	/** Seconds to wait for a lock; 10 where nothing is said. */
	readonly wait?: number;
	/** Noted beside each applied migration. */
	readonly toolVersion: string;
	/** Stops after the running batch; everything is rolled back. */
	readonly signal?: AbortSignal;
	/** Consent to what loses or changes data; a function is asked with what was found, before anything is written. */
	readonly consent: boolean | ((findings: readonly Finding[]) => boolean | Promise<boolean>);
	/**
	 * The id of the plan that was shown, such as `3f9c1a2b`. Runs exactly that plan and consents to exactly the losses that it lists. If anything has
	 * changed since, nothing runs: the run fails with `answerNeeded`.
	 */
	readonly plan?: string;
	/** Runs even if files of applied migrations were edited or are missing. Consent does not cover that. */
	readonly acceptEdited?: boolean;
	/** The clock, for the names of backups. */
	readonly now?: () => Date;
}

/**
 * What a program says that migrates its own database: everything but the two places has a default. Then all that is pending is applied, with a backup
 * before anything risky, and what loses or changes data is refused.
 */
export type ApplyRequest = Pick<ApplyOptions, 'database' | 'migrationsDir'> & Partial<Omit<ApplyOptions, 'database' | 'migrationsDir'>>;

export function withDefaults(request: ApplyRequest): ApplyOptions {
	return {direction: 'upgrade', backup: 'auto', consent: false, toolVersion: version, ...request};
}

/** What a person says about a run; the rest is in the configuration. */
export interface RunSettings extends Pick<ApplyOptions, 'direction' | 'to' | 'steps' | 'dryRun' | 'wait' | 'acceptEdited' | 'plan'> {
	readonly noBackup?: boolean;
}

/** The options of a run without consent to anything. */
export function applyOptionsFor(config: Config, {direction, to, steps, dryRun, wait, acceptEdited, plan, noBackup}: RunSettings): ApplyOptions {
	return {
		database: config.dbPath,
		migrationsDir: config.migrationsDir,
		direction,
		...(to === undefined ? {} : {to}),
		...(steps === undefined ? {} : {steps}),
		dryRun: dryRun === true,
		...(plan === undefined ? {} : {plan}),
		acceptEdited: acceptEdited === true,
		backup: noBackup === true ? 'never' : config.backup,
		backupDir: config.backupDir,
		backupKeep: config.backupKeep,
		wait: wait ?? config.wait,
		toolVersion: version,
		consent: false,
	};
}
