import type {FileFormat} from '../../core/config/config.ts';
import {type Decisions, noDecisions} from '../../core/diff/question.ts';
import type {Direction} from '../../core/migrations/event.ts';
import {requireMigrationName} from '../../core/migrations/files/names.ts';
import type {PullFormat} from '../../core/pull/pull.ts';
import type {decisionFlags} from '../decisions.ts';
import {isFleet} from '../fleet-flags.ts';
import type {RunContext, runFlags} from '../run-migrations.ts';
import type {FlagValues} from './command.ts';
import type {ScreenRequest} from './run.ts';

type ScreenFlags = Partial<FlagValues<typeof decisionFlags & typeof runFlags>> & {
	readonly format?: string | undefined;
	readonly migrations?: string | undefined;
	readonly models?: string | undefined;
};

/**
 * Converts a command line to the options of `runUi`.
 *
 * @throws MigrError `usage` if a flag that answers a question is invalid
 */
export async function screenOptions(request: ScreenRequest) {
	const {flags, cwd, environment, version} = request;
	const given = flags as ScreenFlags;
	return {
		cwd,
		version,
		config: flags.config,
		db: flags.db,
		// A copy, because process.env cannot be passed to a thread.
		environment: {...environment},
		// The format of `pull` is a format of models, not of migrations.
		format: request.command === 'pull' ? undefined : (given.format as FileFormat | undefined),
		decisions: await decisionsOf(given, cwd),
		hidesSamples: given.noSamples === true,
		task: await taskOf(request, given),
	};
}

/** Returns the decisions in the flags. The parser is loaded only if needed, so the menu does not wait for it. */
async function decisionsOf(given: ScreenFlags, cwd: string): Promise<Decisions> {
	if (given.rename === undefined) return noDecisions;
	const {statedDecisions} = await import('../changes.ts');
	return statedDecisions(given as FlagValues<typeof decisionFlags>, cwd);
}

async function taskOf(request: ScreenRequest, given: ScreenFlags) {
	const {command, argument, flags, cwd} = request;
	switch (command) {
		case 'init':
			return {kind: 'init', paths: {...path('db', flags.db), ...path('migrations', given.migrations), ...path('models', given.models)}} as const;
		case 'create':
			// Reject an invalid name before asking questions, not after.
			requireMigrationName(argument ?? '');
			return {kind: 'create', name: argument ?? ''} as const;
		case 'upgrade':
		case 'downgrade':
			return isFleet(flags, cwd) ? await fleetTask(request, command) : ({kind: 'run', request: runRequest(command, given)} as const);
		case 'restore':
			return {kind: 'restore', backup: argument} as const;
		case 'pull':
			return {kind: 'pull', format: given.format as PullFormat | undefined} as const;
		case 'status':
			return {kind: 'status'} as const;
		default:
			return {kind: 'home'} as const;
	}
}

/**
 * Finds the databases of a fleet. Loaded only if there is one.
 *
 * @throws MigrError `usage` like the command without screens
 */
async function fleetTask({flags, cwd, environment}: ScreenRequest, direction: Direction) {
	const [{fleetIn}, {fleetOptionsOf, requireFleetFlags}, {skippedLines}] = await Promise.all([
		import('../fleet-configs.ts'),
		import('../fleet-options.ts'),
		import('../text/fleet-text.ts'),
	]);
	const given = flags as RunContext['flags'];
	requireFleetFlags(given);
	const fleet = fleetIn({flags: given, cwd, environment});
	const {config, databases = [], dbList} = given;
	return {
		kind: 'fleet',
		request: fleetOptionsOf({flags: given}, fleet, direction, false),
		named: [...databases, ...(dbList === undefined ? [] : [dbList])].join(' '),
		skipped: skippedLines(fleet.skipped),
		given: {noBackup: given.noBackup, wait: given.wait, acceptEdited: given.acceptEdited, jobs: given.jobs},
		address: {config, databases, dbList},
	} as const;
}

function runRequest(direction: Direction, {to, steps, dryRun, noBackup, wait, acceptEdited}: ScreenFlags) {
	return {
		direction,
		...(to === undefined ? {} : {to}),
		...(steps === undefined ? {} : {steps}),
		...(wait === undefined ? {} : {wait}),
		dryRun: dryRun === true,
		noBackup: noBackup === true,
		acceptEdited: acceptEdited === true,
	};
}

function path<Name extends string>(name: Name, value: string | undefined): {readonly [K in Name]?: string} {
	return value === undefined ? {} : ({[name]: value} as {readonly [K in Name]: string});
}
