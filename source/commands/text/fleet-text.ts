import type {FoundTargets} from '../../core/migrations/fleet/find-targets.ts';
import type {FleetEvent, FleetFailure, FleetPlanEvent, FleetProgress} from '../../core/migrations/fleet/fleet.ts';
import {groupText, planRows, resultText} from '../../core/migrations/fleet/fleet-words.ts';
import type {FleetRunEvent} from '../../core/migrations/fleet/run-fleet.ts';
import {addressed} from '../../core/text/address.ts';
import {clean} from '../../core/text/clean.ts';
import {bytes, count, duration, percent, plural} from '../../core/text/numbers.ts';
import {problemText, shownPath} from './error-text.ts';
import type {Output} from './output.ts';

export interface FleetTextOptions {
	readonly cwd: string;
	/** The command of the run, with its target: `lite-migr upgrade --to 0012`. */
	readonly command: string;
	/** Returns the flags that name one database, for suggested commands. */
	readonly addressOf: (database: string) => string;
}

/** Milliseconds between two progress lines. */
const quietMs = 5000;
/** The number of databases whose losses are printed, and of failures at the end. JSON has all of them. */
const shownFiles = 20;

/** Prints files that a pattern matches but that are not databases of the fleet. */
export function printSkipped(skipped: FoundTargets['skipped'], output: Output): void {
	for (const text of skippedLines(skipped)) output.line(output.paint('quiet', text));
}

/** Describes files that a pattern matches but that are not databases of the fleet, one line per reason. */
export function skippedLines(skipped: FoundTargets['skipped']): readonly string[] {
	return [...Map.groupBy(skipped, (one) => one.reason)].map(([reason, files]) => {
		const [first] = files;
		const names = files.length === 1 && first !== undefined ? clean(first.name) : plural(files.length, 'file');
		return `skipped ${names}: ${reason}`;
	});
}

/** Returns an append-only printer for the events of a fleet run. Failures are printed when they happen. */
export function fleetPrinter(output: Output, options: FleetTextOptions): (event: FleetRunEvent) => void {
	let lastSign = performance.now();
	let phaseStarted = lastSign;
	let phase: FleetProgress['phase'] | undefined;
	return (event) => {
		if (event.type === 'notice') printWait(event, output, options);
		if (event.type === 'fleetPlan') printPlan(event, output, options);
		if (event.type === 'fleet') printEnd(event, output, options);
		if (event.type !== 'fleetProgress' || event.started !== undefined) return;
		const now = performance.now();
		if (event.phase !== phase) {
			phase = event.phase;
			phaseStarted = now;
			lastSign = now;
		}
		if (event.finished?.result.kind === 'failed') printFailure(event.finished.database, event.finished.result.failure, output, options);
		if (event.phase === 'canary' && event.done === event.total && event.failed === 0) {
			output.line(`${output.paint('add', output.symbols.done)} canary ${count(event.done)} of ${count(event.total)}`);
		}
		if (now - lastSign < quietMs || event.done === event.total) return;
		lastSign = now;
		output.line(output.paint('quiet', progressText(event, now - phaseStarted)));
	};
}

/** Says that a database is locked by another process, or that its lock is free. Other notices are about single migrations. */
function printWait({database, message, lock}: Extract<FleetRunEvent, {type: 'notice'}>, output: Output, {cwd}: FleetTextOptions): void {
	if (lock !== undefined) output.line(`${output.paint('change', '!')} ${shownPath(database, cwd)}: ${clean(message)}`);
}

function progressText({phase, done, total, failed}: FleetProgress, elapsedMs: number): string {
	const left = `${duration((elapsedMs / done) * (total - done))} left`;
	const failures = failed === 0 ? '' : `, ${count(failed)} failed`;
	return `${phase === 'look' ? 'looked at ' : ''}${count(done)} of ${count(total)} (${percent(done / total)})${failures}, ${left}`;
}

function printPlan(event: FleetPlanEvent, output: Output, {cwd}: FleetTextOptions): void {
	const {backups, backupBytes, bytesFree, losses} = event;
	for (const {files, what} of planRows(event)) output.line(`${files}   ${what}`);
	for (const {database, losses: lines} of losses.slice(0, shownFiles)) {
		for (const one of lines) output.line(`${output.paint('drop', output.symbols.danger)} ${shownPath(database, cwd)}   ${one}`);
	}
	if (losses.length > shownFiles) output.line(`  and in ${plural(losses.length - shownFiles, 'more database', 'more databases')}: --json lists all`);
	if (backups > 0) {
		const free = bytesFree === null ? '' : `; ${bytes(bytesFree)} free`;
		output.line(`backups first: ${plural(backups, 'database')}, ${bytes(backupBytes)} in all${free}`);
	}
}

function printFailure(database: string, {code, message, details, hint}: FleetFailure, output: Output, {cwd, addressOf}: FleetTextOptions): void {
	const shown = hint === null ? null : addressed(hint, addressOf(database));
	output.problem(problemText({message: `${shownPath(database, cwd)}   ${code}: ${message}`, details, hint: shown}, {cwd}));
}

function printEnd(event: FleetEvent, output: Output, {cwd, command}: FleetTextOptions): void {
	const {dryRun, failed, groups, plan, backups, stopped, durationMs} = event;
	output.line(`${resultText(event)}   ${output.paint('quiet', duration(durationMs))}`);
	for (const group of groups) output.line(output.paint('quiet', `  ${groupText(group)}`));
	if (backups > 0) output.line(output.paint('quiet', `  ${plural(backups, 'backup was', 'backups were')} taken: lite-migr restore --db FILE`));
	if (failed.length > 0 && (stopped !== null || failed.length > 1)) {
		for (const {database, code} of failed.slice(0, shownFiles))
			output.line(`  ${output.paint('drop', output.symbols.failed)} ${shownPath(database, cwd)}   ${code}`);
		if (failed.length > shownFiles) output.line(`  and ${count(failed.length - shownFiles)} more: --json lists all`);
	}
	if (dryRun && plan !== null) {
		output.line(`plan ${plan}`);
		output.line(output.paint('quiet', `  to run exactly this, run ${command} --plan ${plan}`));
	}
	if (dryRun) output.line('dry run: nothing was written');
	if (stopped !== null) output.problem(problemText(stopped, {cwd}));
}
