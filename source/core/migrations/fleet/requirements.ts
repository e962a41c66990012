import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {bytes, plural} from '../../text/numbers.ts';
import {readPlanId} from '../plan-id.ts';
import {runCommand} from '../run/apply-options.ts';
import {backupsOf} from './disk-backups.ts';
import type {FleetOptions} from './fleet.ts';
import {type FleetFile, failureOfFile, lossesOf, pendingGroups, pendingOf} from './report.ts';

// What is required of the plan for several databases before anything is written.

/** @throws MigrError with the code of the first failure, if a database would fail */
export function requireNoFailure({keepGoing = false, settings: {dryRun}}: FleetOptions, files: readonly FleetFile[]): void {
	const failures = files.flatMap((file) => failureOfFile(file) ?? []);
	const [first] = failures;
	const others = files.length - failures.length;
	if (first === undefined || keepGoing || dryRun === true || others === 0) return;
	throw new MigrError(first.code, `${plural(failures.length, 'database')} cannot be changed, so nothing was written`, {
		hint: `fix ${failures.length === 1 ? 'it' : 'them'}, or use --keep-going to run the others`,
	});
}

/**
 * Requires `--to` for a downgrade, or a number of steps, if the databases are at different migrations, for example after a run that was interrupted:
 * those that it has changed would go one migration further. A plan names what each database does.
 *
 * @throws MigrError `answerNeeded` if the databases would run different migrations, or if that is unknown for some of them
 */
export function requireSameTarget({settings, plan}: FleetOptions, files: readonly FleetFile[]): void {
	const {direction, dryRun, to, steps} = settings;
	const isRelative = to === undefined && (direction === 'downgrade' || steps !== undefined);
	if (!isRelative || plan !== undefined || dryRun === true) return;
	const verb = direction === 'downgrade' ? 'undo' : 'apply';
	const groups = pendingGroups(files).filter(({migrations}) => migrations.length > 0);
	const later = files.filter(({look}) => look?.kind === 'later').length;
	const failed = groups.length === 0 ? 0 : failedElsewhere(files);
	if (groups.length + later + failed <= 1) return;
	throw new MigrError('answerNeeded', `the databases would ${verb} different migrations, so nothing was written`, {
		details: [
			...groups.map(({count, migrations}) => `${plural(count, 'database')} would ${verb} ${migrations.map(clean).join(', ')}`),
			...(later === 0 ? [] : [`${plural(later, 'database is', 'databases are')} locked or on a server, and would ${verb} an unknown migration`]),
			...(failed === 0 ? [] : [`${plural(failed, 'database', 'databases')} that cannot be changed may be at another migration`]),
		],
		hint: [
			`name the migration to ${direction === 'downgrade' ? 'go back to' : 'stop at'}: run ${runCommand({direction})} --to NAME`,
			`to ${verb} what is listed here, run ${runCommand(settings)} --dry-run, then ${runCommand(settings)} --plan ID`,
		].join('\n'),
	});
}

/** Counts the databases that cannot be changed and are not known to be at the same migration as one that can. */
function failedElsewhere(files: readonly FleetFile[]): number {
	const current = new Set(pendingOf(files).map(({look}) => look.state.at));
	return files.filter(({look}) => look?.kind === 'failed' && (look.state === null || !current.has(look.state.at))).length;
}

/** @throws MigrError `answerNeeded` if something would be lost without consent, or if the plan has changed */
export function requireConsent({settings, plan}: FleetOptions, files: readonly FleetFile[], id: string | null): void {
	const command = runCommand(settings);
	if (plan !== undefined && readPlanId(plan) !== id) {
		throw new MigrError('answerNeeded', `the databases or their migrations changed since you looked: ${plan} is no longer the plan`, {
			details: [id === null ? 'there is nothing to do now' : `the plan is ${id} now`],
			hint: [`to see the new plan, run ${command} --dry-run`, ...(id === null ? [] : [`to run it, run ${command} --plan ${id}`])].join('\n'),
		});
	}
	const losses = lossesOf(files);
	if (losses.length === 0 || settings.consent || settings.dryRun === true || plan !== undefined) return;
	throw new MigrError(
		'answerNeeded',
		`this ${settings.direction} would lose or change data in ${plural(losses.length, 'database')} and needs confirmation`,
		{
			hint: [
				...(id === null ? [] : [`to confirm exactly this plan, run ${command} --plan ${id}`]),
				`to confirm${id === null ? '' : ' any losses found when it runs'}, run ${command} --yes`,
				`to try it on copies first, run ${command} --dry-run`,
			].join('\n'),
		},
	);
}

/** @throws MigrError `files` if the backups do not fit on the disk */
export function requireSpace(files: readonly FleetFile[]): void {
	for (const {folder, count, size, free} of backupsOf(files)) {
		if (free === null || size <= free) continue;
		throw new MigrError('files', `the backups of ${plural(count, 'database')} need ${bytes(size)}, but only ${bytes(free)} are free in ${folder}`, {
			hint: 'free disk space, or change backup_dir in migrate.toml; to run without backups, use --no-backup',
		});
	}
}
