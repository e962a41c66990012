import {basename} from 'node:path';
import {MigrError} from '../core/errors.ts';
import type {ApplyEvent, Direction, FailedEvent, TableEffect} from '../core/migrations/event.ts';
import {readPlanId} from '../core/migrations/plan-id.ts';
import {apply} from '../core/migrations/run/apply.ts';
import {type ApplyOptions, applyOptionsFor} from '../core/migrations/run/apply-options.ts';
import {runCommand} from '../core/migrations/run/run-command.ts';
import {sqlScript} from '../core/migrations/run/sql-script.ts';
import {clean} from '../core/text/clean.ts';
import {thrownText} from '../core/text/thrown.ts';
import type {RunJson, SqlJson} from './json.ts';
import type {Context} from './line/command.ts';
import {type ExitCode, exitCode, exitCodeOf} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {eventPrinter} from './text/events-text.ts';

/** The flags of `upgrade` and `downgrade`. */
export const runFlags = {
	to: {type: 'string', value: 'NAME', help: 'the last migration to apply, or the last to be left applied; its time or its own name will do'},
	steps: {type: 'number', isCount: true, value: 'N', help: 'so many migrations'},
	dryRun: {type: 'boolean', help: 'everything for real on a private copy: timings, rows, what would be lost'},
	plan: {
		type: 'string',
		value: 'ID',
		help: 'run exactly the plan that a dry run showed, and consent to the losses it lists; anything else ends with 3',
	},
	acceptEdited: {type: 'boolean', help: 'run even if files of applied migrations were edited or are missing; --yes does not cover that'},
	sql: {type: 'boolean', help: 'print the SQL that would run, and run nothing'},
	noBackup: {type: 'boolean', help: 'take no backup'},
	wait: {type: 'number', value: 'SECONDS', help: 'for a lock that somebody else holds (default: wait in migrate.toml, otherwise 10)'},
	noSamples: {type: 'boolean', help: 'show no values from the rows'},
} as const;

export type RunContext = Context<typeof runFlags>;

/** What the command line and the configuration say about a run. */
function applyOptionsOf(context: RunContext, direction: Direction): ApplyOptions {
	const {to, steps, dryRun, noBackup, wait, yes, acceptEdited, plan} = context.flags;
	const settings = {
		direction,
		dryRun,
		noBackup,
		acceptEdited,
		...(to === undefined ? {} : {to}),
		...(steps === undefined ? {} : {steps}),
		...(wait === undefined ? {} : {wait}),
		...(plan === undefined ? {} : {plan: readPlanId(plan)}),
	};
	return {...applyOptionsFor(configOf(context), settings), consent: yes};
}

/** Runs migrations one way, printing what happens as it happens. */
export async function runMigrations(context: RunContext, direction: Direction): Promise<ExitCode> {
	const {flags, cwd, output, interrupts, onSuddenEnd} = context;
	if (flags.sql) return await printSql(context, direction);
	const options = applyOptionsOf(context, direction);
	const print = eventPrinter(output, {
		cwd,
		showsSamples: !flags.noSamples,
		showsSteps: flags.dryRun,
		hasTarget: flags.to !== undefined,
		command: runCommand(options),
	});
	const told: ApplyEvent[] = [];
	const tell = (event: ApplyEvent) => {
		print(event);
		output.json((flags.noSamples ? withoutSamples(event) : event) satisfies RunJson);
		if (event.type !== 'progress') told.push(event);
	};
	onSuddenEnd((uncaught) => tell(suddenEnd(options, told, uncaught)));
	for await (const event of apply({...options, signal: interrupts()})) tell(event);
	const last = told.at(-1);
	return last?.type === 'failed' ? exitCodeOf(last.code) : exitCode.done;
}

/** The last event of a run that did not come to its end: `process.exit` in a migration, a promise that never settles, an error that nobody caught. */
function suddenEnd({database, dryRun}: ApplyOptions, told: readonly ApplyEvent[], uncaught?: {readonly error: unknown}): FailedEvent {
	const running = told.findLast(({type}) => type === 'migrationStart' || type === 'migrationDone');
	const backup = told.findLast((event) => event.type === 'backup' && event.state === 'done');
	const name = basename(database);
	return {
		type: 'failed',
		...reasonOf(uncaught),
		location: null,
		migration: running?.type === 'migrationStart' ? running.migration : null,
		state:
			dryRun === true
				? `a dry run: ${name} is untouched`
				: running === undefined
					? `nothing was written: ${name} is unchanged`
					: `whatever was not committed is rolled back when ${name} is next opened: lite-migr status shows where it is`,
		committed: dryRun === true ? [] : committedBy(told),
		backup: backup?.type === 'backup' ? backup.path : null,
	};
}

function reasonOf(uncaught: {readonly error: unknown} | undefined): Pick<FailedEvent, 'code' | 'message' | 'hint' | 'details'> {
	if (uncaught === undefined) {
		return {
			code: 'migration',
			message: 'the process was ended from within, or nothing was left that it could wait for',
			hint: 'look for process.exit, and for a promise that never settles, in the migrations',
			details: [],
		};
	}
	const {error} = uncaught;
	if (error instanceof MigrError) return {code: error.code, message: error.message, hint: error.hint ?? null, details: error.details};
	return {
		code: 'migration',
		message: `code threw where nobody can catch it: ${clean(thrownText(error))}`,
		hint: 'await what op.run starts',
		details: stackOf(error),
	};
}

/** What is known to be committed: a migration that runs alone, and all that came before one. */
function committedBy(told: readonly ApplyEvent[]): readonly string[] {
	let done: readonly string[] = [];
	let committed: readonly string[] = [];
	let isAlone = false;
	for (const event of told) {
		if (event.type === 'migrationStart') isAlone = event.isAlone === true;
		if (event.type === 'migrationDone') done = [...done, event.migration];
		if (isAlone && (event.type === 'migrationStart' || event.type === 'migrationDone')) committed = done;
	}
	return committed;
}

/** Where it was thrown: the first places of the stack. */
function stackOf(error: unknown): readonly string[] {
	const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
	return lines
		.filter((line) => /^\s+at /.test(line))
		.slice(0, 3)
		.map((line) => clean(line.trim()));
}

async function printSql(context: RunContext, direction: Direction): Promise<ExitCode> {
	const {output, flags} = context;
	if (flags.plan !== undefined) throw new MigrError('usage', '--plan and --sql cannot be used together: printed SQL is not bound to a plan');
	const script = await sqlScript(applyOptionsOf(context, direction));
	output.json(script satisfies SqlJson);
	output.source(script.sql === '' ? '-- nothing to do' : script.sql.trimEnd());
	if (script.withCode.length > 0) {
		const names = script.withCode.map(clean).join(', ');
		output.problem(`! the SQL lacks the code (op.run) of ${names}, which only lite-migr ${direction} can run`);
	}
	return exitCode.done;
}

function withoutSamples(event: ApplyEvent): ApplyEvent {
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
