import {statSync} from 'node:fs';
import type {Config} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {type BackupFile, findBackup, listBackups, unclaimedBackups} from '../core/migrations/backup/backup-files.ts';
import {backupReason} from '../core/migrations/backup/backup-reason.ts';
import type {RestoreComparison} from '../core/migrations/backup/compare-databases.ts';
import type {TableComparison} from '../core/migrations/backup/compare-table.ts';
import {type Restored, restoreBackup} from '../core/migrations/backup/restore.ts';
import {planRestore, waitToPlanRestore} from '../core/migrations/backup/restore-plan.ts';
import type {BackupEvent} from '../core/migrations/event.ts';
import {clean} from '../core/text/clean.ts';
import {bytes, count, plural} from '../core/text/numbers.ts';
import type {BackupJson, BackupsJson, RestoreJson} from './json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {lockWait, printWait} from './lock-wait.ts';
import {configOf, requireRestorable, shownDatabase} from './project.ts';
import {shownPath} from './text/error-text.ts';
import type {Output} from './text/output.ts';

export const restore = defineCommand({
	name: 'restore',
	summary: 'list backups, or restore one',
	argument: {
		name: 'backup',
		required: false,
		help: 'time of the backup, such as 20261122T175203, or the name or path of its file; if omitted, backups are listed',
	},
	flags: {
		wait: {
			type: 'number',
			value: 'SECONDS',
			help: 'how long to wait for a lock held by another process (default: wait in migrate.toml, otherwise 10)',
		},
	},
	description: [
		'Upgrades and downgrades take a backup before anything that loses or rewrites rows. This command lists the backups, newest first, or shows what restoring one would change.',
		'With --yes, it restores the backup completely or not at all. The current database is kept as another backup.',
	],
	examples: [
		['lite-migr restore', 'list backups'],
		['lite-migr restore 20261122T175203', 'show what it would change'],
		['lite-migr restore 20261122T175203 --yes', 'restore it'],
	],
	hasScreens: () => true,
	async run(context) {
		const {argument, flags, output} = context;
		const config = configOf(context);
		requireRestorable(config, shownPath(config.backupDir, context.cwd));
		if (argument === undefined) return list(config, flags.yes, context);
		const backup = findBackup(config.dbPath, config.backupDir, argument, context.cwd);
		const wait = flags.wait ?? config.wait;
		await waitToPlanRestore(config.dbPath, {wait, ...lockWait(context)});
		const changes = planRestore(config.dbPath, backup, config.wranglerTable);
		printPlan(config, backup, changes, context);
		if (!flags.yes) {
			output.json({backup: backupJson(backup), ...changes, restored: null} satisfies RestoreJson);
			output.problem(`lite-migr: nothing was changed; to restore this backup, run lite-migr restore ${backup.id} --yes (exit 3)`);
			return exitCode.answerNeeded;
		}
		const restored = await putBack(config, backup, wait, context);
		output.json({backup: backupJson(backup), ...changes, restored} satisfies RestoreJson);
		output.line(
			`✔ restored ${shownPath(restored.database, context.cwd)} from ${backup.id}${restored.currentMigration === null ? '' : `, at ${clean(restored.currentMigration)}`}`,
		);
		if (restored.kept !== null) output.line(`  the previous database is kept as ${shownPath(restored.kept, context.cwd)}`);
		return exitCode.done;
	},
});

function list(config: Config, isConfirmed: boolean, {cwd, output}: Pick<Context, 'cwd' | 'output'>): ExitCode {
	const backups = listBackups(config.dbPath, config.backupDir);
	if (isConfirmed) {
		throw new MigrError('usage', 'restore --yes needs a backup to restore', {
			hint: backups[0] && `to restore the newest one, run lite-migr restore ${backups[0].id} --yes`,
		});
	}
	const unclaimed = unclaimedBackups(config.dbPath, config.backupDir);
	output.json({backups: backups.map(backupJson), ...(unclaimed.length === 0 ? {} : {unclaimed: unclaimed.map(backupJson)})} satisfies BackupsJson);
	if (backups.length === 0) output.line(`no backups of ${shownDatabase(config, cwd)} in ${shownPath(config.backupDir, cwd)}`);
	for (const backup of backups) {
		const reason = backupReason(backup, config.wranglerTable);
		output.line(`${backup.id}   ${bytes(backup.bytes).padStart(8)}${output.paint('quiet', reason === '' ? '' : `   ${reason}`)}`);
	}
	if (unclaimed.length > 0) {
		output.line();
		output.line(
			'these may be backups of another database, because they do not record which one they were taken from; to restore one, pass its path:',
		);
		for (const {path, bytes: size} of unclaimed) output.line(`${shownPath(path, cwd)}   ${bytes(size)}`);
	}
	if (backups.length > 0) {
		output.line();
		output.line(`  next: lite-migr restore ${backups[0]?.id} shows what it would change`);
	}
	return exitCode.done;
}

function printPlan(
	config: Config,
	backup: BackupFile,
	{tables, migrations, damage}: RestoreComparison,
	{cwd, output}: Pick<Context, 'cwd' | 'output'>,
): void {
	output.line(`${shownPath(backup.path, cwd)} replaces ${shownDatabase(config, cwd)}`);
	if (backup.doubt !== undefined) output.line(output.paint('drop', `▲ this may be a backup of another database: ${backup.doubt}`));
	output.line();
	if (damage !== undefined) output.line(`  ${output.paint('drop', '▲')} ${clean(damage)}: cannot determine what would be lost`);
	else if (isMissing(config.dbPath)) output.line('  the database is missing or empty; the whole backup is restored');
	else if (tables.length === 0) output.line('  the same tables with the same rows');
	for (const table of tables) printTable(table, output);
	if (migrations.length > 0) output.line(`  ${plural(migrations.length, 'migration')} pending again: ${migrations.map(clean).join(', ')}`);
	output.line();
}

function isMissing(database: string): boolean {
	return (statSync(database, {throwIfNoEntry: false})?.size ?? 0) === 0;
}

function printTable(
	{name, rowsNow: now, rowsInBackup: then, lost, reverted, schemaChanged, valuesGone = 0, columnsGone = []}: TableComparison,
	output: Output,
): void {
	const mark = then === null ? '-' : now === null ? '+' : '~';
	const facts = [rowsText(now, then), ...(schemaChanged && now !== null && then !== null ? ['different definition'] : [])];
	const losses = [...(lost > 0 ? [`${plural(lost, 'row')} lost`] : []), ...(reverted > 0 ? [`${plural(reverted, 'row')} with old values`] : [])];
	const danger = losses.length === 0 ? '' : `   ${output.paint('drop', `▲ ${losses.join(', ')}`)}`;
	output.line(`  ${mark} ${clean(name)}   ${facts.join(', ')}${danger}`);
	if (valuesGone > 0) {
		const columns = `${columnsGone.map(clean).join(', ')}, not in the backup`;
		output.line(`    ${output.paint('drop', `▲ ${plural(valuesGone, 'row')} with lost values: ${columns}`)}`);
	}
}

/** Describes the row counts now and in the backup. Null if the table does not exist. */
function rowsText(now: number | null, then: number | null): string {
	if (then === null) return `not in the backup; ${now === 0 ? 'it is empty' : `it has ${plural(now ?? 0, 'row')}`}`;
	if (now === null) return then === 0 ? 'is restored empty' : `is restored with ${plural(then, 'row')}`;
	return now === then ? plural(now, 'row') : `${count(now)} → ${plural(then, 'row')}`;
}

async function putBack(config: Config, backup: BackupFile, wait: number, context: Context): Promise<Restored> {
	const running = restoreBackup({
		database: config.dbPath,
		wranglerTable: config.wranglerTable,
		backup,
		folder: config.backupDir,
		now: new Date(),
		consent: true,
		wait,
		signal: context.interrupts(),
		onWait: (lock) => printWait(lock, context.output),
	});
	let next: IteratorResult<BackupEvent, Restored> = await running.next();
	while (next.done !== true) next = await running.next();
	return next.value;
}

function backupJson({id, path, bytes, before}: BackupFile): BackupJson {
	return {id, path, bytes, beforeMigration: before};
}
