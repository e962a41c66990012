import {existsSync, statSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import type {ApplyEvent, Direction, TableEffect} from '../core/migrations/event.ts';
import {readPlanId} from '../core/migrations/plan-id.ts';
import {openForReading} from '../core/migrations/project.ts';
import {apply} from '../core/migrations/run/apply.ts';
import {type ApplyOptions, applyOptionsFor, type RunSettings, runCommand} from '../core/migrations/run/apply-options.ts';
import {endedEarly, reasonForEarlyEnd} from '../core/migrations/run/ended-early.ts';
import {sqlScript} from '../core/migrations/run/sql-script.ts';
import {type EngineKind, engineFeatures} from '../core/script/engine-features.ts';
import {clean} from '../core/text/clean.ts';
import {fleetRunFlags} from './fleet-flags.ts';
import type {RunJson, SqlJson} from './json.ts';
import type {Context} from './line/command.ts';
import {type ExitCode, exitCode, exitCodeOf} from './line/exit-code.ts';
import {lockWait, serverWait} from './lock-wait.ts';
import {configOf} from './project.ts';
import {helpFor} from './text/error-text.ts';
import {eventPrinter} from './text/events-text.ts';

const engineNames = Object.keys(engineFeatures) as readonly EngineKind[];

/** The flags of `upgrade` and `downgrade`. */
export const runFlags = {
	to: {
		type: 'string',
		value: 'NAME',
		help: 'the last migration to apply (upgrade) or to keep (downgrade); the timestamp or the short name is enough',
	},
	steps: {type: 'number', isCount: true, value: 'N', help: 'the number of migrations to apply or undo'},
	dryRun: {type: 'boolean', help: 'run everything on a private copy, and report timings, row counts and data loss'},
	plan: {
		type: 'string',
		value: 'ID',
		help: 'run exactly the plan that a dry run showed, and confirm the losses it lists; ends with exit code 3 if the plan has changed',
	},
	acceptEdited: {type: 'boolean', help: 'run even if files of applied migrations were edited or are missing, which --yes does not confirm'},
	sql: {type: 'boolean', help: 'print the SQL without running it'},
	engine: {
		type: 'string',
		value: 'NAME',
		choices: engineNames,
		help: `the engine that --sql prints for: ${engineNames.join(', ')} (default: sqlite)`,
	},
	noBackup: {type: 'boolean', help: 'do not take a backup'},
	wait: {type: 'number', value: 'SECONDS', help: 'how long to wait for a lock held by another process (default: wait in migrate.toml, otherwise 10)'},
	noSamples: {type: 'boolean', help: 'do not show sample values'},
	...fleetRunFlags,
} as const;

export type RunContext = Context<typeof runFlags>;

/** Combines the flags and the configuration into the options of a run. */
function applyOptionsOf(context: RunContext, direction: Direction): ApplyOptions {
	return {...applyOptionsFor(configOf(context), runSettingsOf(context, direction)), consent: context.flags.yes};
}

/** Returns the settings of a run that the flags contain. */
export function runSettingsOf({flags}: Pick<RunContext, 'flags'>, direction: Direction): RunSettings {
	const {to, steps, dryRun, noBackup, wait, acceptEdited, plan} = flags;
	return {
		direction,
		dryRun,
		noBackup,
		acceptEdited,
		...(to === undefined ? {} : {to}),
		...(steps === undefined ? {} : {steps}),
		...(wait === undefined ? {} : {wait}),
		...(plan === undefined ? {} : {plan: readPlanId(plan)}),
	};
}

/** Runs migrations in one direction, and prints events as they happen. */
export async function runMigrations(context: RunContext, direction: Direction): Promise<ExitCode> {
	const {flags, cwd, output, interrupts, isAtTerminal, onSuddenEnd} = context;
	if (flags.jobs !== undefined || flags.canary !== undefined || flags.keepGoing) throw onlyForFleets();
	if (flags.sql) return await printSql(context, direction);
	if (flags.engine !== undefined) throw new MigrError('usage', '--engine needs --sql: it chooses the engine that the SQL is printed for');
	const options = applyOptionsOf(context, direction);
	const print = eventPrinter(output, {
		cwd,
		showsSamples: !flags.noSamples,
		showsSteps: flags.dryRun,
		hasTarget: flags.to !== undefined,
		command: runCommand(options),
	});
	const reported: ApplyEvent[] = [];
	const report = (event: ApplyEvent) => {
		print(event);
		output.json(withHelp(flags.noSamples ? withoutSamples(event) : event) satisfies RunJson);
		if (event.type !== 'progress') reported.push(event);
	};
	onSuddenEnd((uncaught) => report(endedEarly(options, reported, reasonForEarlyEnd(uncaught))));
	const {remote} = configOf(context);
	const hasProcess = remote === undefined && (isAtTerminal() || hasLongStatements(options));
	const endNow = new AbortController();
	const withSignal = {...options, signal: interrupts(hasProcess ? () => endNow.abort() : undefined)};
	const events =
		remote !== undefined
			? (await import('../core/migrations/remote/apply-remote.ts')).applyRemote(withSignal, remote, serverWait(output, context.endBySignal))
			: hasProcess
				? (await import('../run-process/apply-in-process.ts')).applyInProcess(withSignal, {isSilent: false, endNow: endNow.signal})
				: apply(withSignal);
	for await (const event of events) report(event);
	const last = reported.at(-1);
	return last?.type === 'failed' ? exitCodeOf(last.code) : exitCode.done;
}

/** Bytes of a database above which a statement can take many seconds. A signal would have to wait for it, so the run gets its own process. */
const longStatementBytes = 256 * 2 ** 20;

function hasLongStatements({database}: ApplyOptions): boolean {
	return existsSync(database) && statSync(database).size >= longStatementBytes;
}

function onlyForFleets(): MigrError {
	return new MigrError('usage', '--jobs, --canary and --keep-going are for several databases', {
		hint: "name them with a pattern in quotes, such as --db 'tenants/*.db', or with --db-list FILE",
	});
}

async function printSql(context: RunContext, direction: Direction): Promise<ExitCode> {
	const {output, flags} = context;
	if (flags.plan !== undefined) throw new MigrError('usage', '--plan and --sql cannot be used together: the printed SQL is not tied to a plan');
	const config = configOf(context);
	const {remote} = config;
	const engine = engineNames.find((name) => name === flags.engine);
	const {signal, server, ...lock} = lockWait(context);
	const script = await sqlScript({...applyOptionsOf(context, direction), signal}, engine ?? remote?.target.kind ?? 'sqlite', {
		...lock,
		open: remote && (() => openForReading(config, {server})),
	});
	output.json(script satisfies SqlJson);
	output.source(script.sql === '' ? '-- nothing to do' : script.sql.trimEnd());
	if (script.withCode.length > 0) {
		const names = script.withCode.map(clean).join(', ');
		output.problem(`! the SQL does not include the code (op.run) of ${names}, which only lite-migr ${direction} can run`);
	}
	return exitCode.done;
}

/** Adds the command that explains the code of a failure. */
function withHelp(event: ApplyEvent): RunJson {
	return event.type === 'failed' ? {...event, help: helpFor(event.code)} : event;
}

/** Removes the sample values of an event. */
export function withoutSamples(event: ApplyEvent): ApplyEvent {
	switch (event.type) {
		case 'preflight':
			return {...event, findings: event.findings.map((finding) => ({...finding, samples: []}))};
		case 'effects':
			return {...event, tables: event.tables.map(withoutRows)};
		case 'failed':
			return event.tables === undefined ? event : {...event, tables: event.tables.map(withoutRows)};
		default:
			return event;
	}
}

function withoutRows(effect: TableEffect): TableEffect {
	return {...effect, samples: []};
}
