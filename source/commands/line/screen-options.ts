import type {FileFormat} from '../../core/config/config.ts';
import {type Decisions, noDecisions} from '../../core/diff/question.ts';
import type {Direction} from '../../core/migrations/event.ts';
import {requireMigrationName} from '../../core/migrations/files/names.ts';
import type {PullFormat} from '../../core/pull/pull.ts';
import type {decisionFlags} from '../decisions.ts';
import type {runFlags} from '../run-migrations.ts';
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
		task: taskOf(request, given),
	};
}

/** Returns the decisions in the flags. The parser is loaded only if needed, so the menu does not wait for it. */
async function decisionsOf(given: ScreenFlags, cwd: string): Promise<Decisions> {
	if (given.rename === undefined) return noDecisions;
	const {statedDecisions} = await import('../changes.ts');
	return statedDecisions(given as FlagValues<typeof decisionFlags>, cwd);
}

function taskOf({command, argument, flags}: ScreenRequest, given: ScreenFlags) {
	switch (command) {
		case 'init':
			return {kind: 'init', paths: {...path('db', flags.db), ...path('migrations', given.migrations), ...path('models', given.models)}} as const;
		case 'create':
			// Reject an invalid name before asking questions, not after.
			requireMigrationName(argument ?? '');
			return {kind: 'create', name: argument ?? ''} as const;
		case 'upgrade':
		case 'downgrade':
			return {kind: 'run', request: runRequest(command, given)} as const;
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
