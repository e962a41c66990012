import type {Direction, FailedEvent} from '../core/migrations/event.ts';
import type {FleetEvent, FleetOptions, FleetProgress} from '../core/migrations/fleet/fleet.ts';
import {type FleetRunEvent, runFleet} from '../core/migrations/fleet/run-fleet.ts';
import {runCommand} from '../core/migrations/run/apply-options.ts';
import {addressed, addressOf} from '../core/text/address.ts';
import {fleetOf} from './fleet-configs.ts';
import {fleetOptionsOf, requireFleetFlags} from './fleet-options.ts';
import type {FleetRunJson} from './json.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {type RunContext, withoutSamples} from './run-migrations.ts';
import {helpFor, shownPath} from './text/error-text.ts';
import {fleetPrinter, printSkipped} from './text/fleet-text.ts';

type FinishedFile = NonNullable<FleetProgress['finished']>;

/** Runs the migrations of several databases in one direction, and prints events as they happen. */
export async function runFleetMigrations(context: RunContext, direction: Direction): Promise<ExitCode> {
	const {cwd, output, interrupts, onSuddenEnd} = context;
	requireFleetFlags(context.flags);
	const fleet = await fleetOf(context);
	const options = fleetOptionsOf(context, fleet, direction, output.isJson);
	const print = fleetPrinter(output, {cwd, command: runCommand(options.settings), addressOf: (database) => addressFor(context, database)});
	printSkipped(fleet.skipped, output);
	let last: FleetEvent | undefined;
	const results = new Map<string, FinishedFile>();
	const report = (event: FleetRunEvent) => {
		print(event);
		if (event.type === 'fleetProgress' && event.finished !== undefined) results.set(event.finished.database, event.finished);
		const json = output.isJson ? jsonOf(event, context) : undefined;
		if (json !== undefined) output.json(json satisfies FleetRunJson);
		if (event.type === 'fleet') last = event;
	};
	onSuddenEnd(() => report(suddenEnd(options, [...results.values()])));
	const printed = (text: string) => output.problem(text.replace(/\n$/, ''));
	for await (const event of runFleet({...options, signal: interrupts()}, printed)) report(event);
	return last === undefined ? exitCode.failed : exitCodeOfFleet(last);
}

/** Returns the flags that name one database, for the commands that a message about it suggests. */
function addressFor({flags, cwd}: RunContext, database: string): string {
	return addressOf({config: flags.config, db: shownPath(database, cwd)});
}

/** Returns an event as JSON. Undefined for an event that only shows progress. Suggested commands name the database of the event. */
function jsonOf(event: FleetRunEvent, context: RunContext): FleetRunJson | undefined {
	if (event.type === 'fleetProgress') {
		const {phase, finished} = event;
		return phase === 'look' && finished?.result.kind === 'failed' ? failedLook(finished.database, finished.result.failure, context) : undefined;
	}
	if (event.type === 'fleet' || event.type === 'fleetPlan') return event.type === 'fleet' ? withAddresses(event, context) : event;
	const shown = {...(context.flags.noSamples ? withoutSamples(event) : event), database: event.database};
	const address = addressFor(context, event.database);
	if (shown.type === 'done') return {...shown, undo: shown.undo.map((command) => addressed(command, address))};
	if (shown.type === 'failed') {
		return {...shown, hint: shown.hint && addressed(shown.hint, address), state: addressed(shown.state, address), help: helpFor(shown.code)};
	}
	return shown;
}

function withAddresses(event: FleetEvent, context: RunContext): FleetEvent {
	const failed = event.failed.map((one) => ({...one, hint: one.hint && addressed(one.hint, addressFor(context, one.database))}));
	return {...event, failed};
}

/** Returns the last event of a database that was not started, because a run would fail. */
function failedLook(
	database: string,
	{code, message, hint, details}: Pick<FailedEvent, 'code' | 'message' | 'hint' | 'details'>,
	context: RunContext,
): FleetRunJson {
	return {
		type: 'failed',
		database,
		code,
		message,
		hint: hint && addressed(hint, addressFor(context, database)),
		location: null,
		details,
		migration: null,
		state: 'nothing was written',
		committed: [],
		backup: null,
		help: helpFor(code),
	};
}

/** Returns the last event of a run that ended early, because code of a migration ended the process. */
function suddenEnd({targets, settings: {direction, dryRun = false}}: FleetOptions, finished: readonly FinishedFile[]): FleetEvent {
	const failed = finished.flatMap(({database, result}) => {
		if (result.kind !== 'failed') return [];
		const {code, message, hint} = result.failure;
		return [{database, code, message, hint}];
	});
	const countOf = (kind: FinishedFile['result']['kind']) => finished.filter(({result}) => result.kind === kind).length;
	return {
		type: 'fleet',
		direction,
		dryRun,
		total: targets.length,
		applied: countOf('applied'),
		unchanged: countOf('unchanged'),
		notStarted: targets.length - finished.length,
		failed,
		groups: [],
		plan: null,
		backups: 0,
		stopped: {
			code: 'migration',
			message: 'a migration ended the process, or is waiting for a promise that never settles',
			hint: 'check the migrations for process.exit, and run lite-migr status to see which databases were changed',
			details: [],
		},
		durationMs: 0,
	};
}

function exitCodeOfFleet({stopped, failed}: FleetEvent): ExitCode {
	if (stopped?.code === 'cancelled') return exitCode.cancelled;
	if (stopped?.code === 'answerNeeded') return exitCode.answerNeeded;
	return stopped !== null || failed.length > 0 ? exitCode.failed : exitCode.done;
}
