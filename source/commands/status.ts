import {statSync} from 'node:fs';
import type {Config} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {driftText} from '../core/migrations/drift/drift-text.ts';
import {projectMigrations} from '../core/migrations/files/source.ts';
import {wayBack} from '../core/migrations/history/newer.ts';
import {isNewerThanFiles, type ProjectState} from '../core/migrations/history/state.ts';
import type {Database} from '../core/sqlite/database.ts';
import {requireCreatable} from '../core/sqlite/open.ts';
import {clean} from '../core/text/clean.ts';
import {nearPlaces} from '../core/text/near-places.ts';
import {bytes, duration, plural} from '../core/text/numbers.ts';
import {fleetFlags, isFleet} from './fleet-flags.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf, shownDatabase, withDatabase} from './project.ts';
import {driftLines, type Facts, factsOf, jsonOf} from './status-facts.ts';
import {problemText} from './text/error-text.ts';
import type {Output} from './text/output.ts';

export const status = defineCommand({
	name: 'status',
	summary: 'show applied, pending, edited and missing migrations, and drift',
	flags: fleetFlags,
	takesFleet: true,
	description: [
		'Shows the state of the database, without changing anything. If a pending migration cannot be applied, it says why. With --json, it also loads the models and reports whether models, migrations and database agree.',
	],
	examples: [
		['lite-migr status', ''],
		['lite-migr status --json', ''],
		["lite-migr status --db 'tenants/*.db'", 'several databases'],
	],
	hasScreens: (flags, cwd) => !isFleet(flags, cwd),
	async run(context) {
		const {flags, cwd, output} = context;
		if (isFleet(flags, cwd)) return await (await import('./fleet-status.ts')).fleetStatus(context);
		const config = configOf(context);
		return await withDatabase(context, config, async (db) => {
			const facts = await factsOf(config, db, projectMigrations(config), {comparesModels: output.isJson});
			if (output.isJson) output.json(await jsonOf(config, db, facts));
			else printStatus(facts, config, db, cwd, output);
			return exitCode.done;
		});
	},
});

/** Returns the size of a database file and the version of SQLite. Empty for a database on a server, because each would need a request. */
function sizeOf({dbPath, remote}: Config, db: Database | undefined, cwd: string): string {
	if (remote !== undefined) return '';
	return `   ${db === undefined ? whyMissing(dbPath, cwd) : `${bytes(statSync(dbPath).size)}   SQLite ${db.sqliteVersion}`}`;
}

function printStatus(facts: Facts, config: Config, db: Database | undefined, cwd: string, output: Output): void {
	const {state, problem, destructive} = facts;
	const {symbols} = output;
	output.line(`${output.paint('strong', shownDatabase(config, cwd))}${sizeOf(config, db, cwd)}`);
	output.line();
	const width = Math.max(
		0,
		...[...state.applied.map(({name}) => name), ...state.pending.map(({file}) => file.name)].map((name) => clean(name).length),
	);
	for (const {name, appliedAt, durationMs} of state.applied) {
		const note = noteOn(name, state);
		const took = durationMs === null ? '' : `   ${duration(durationMs)}`;
		output.line(
			`  ${output.paint('add', symbols.applied)} ${clean(name).padEnd(width)}   ${output.paint('quiet', `${clean(appliedAt)}${took}`)}${note}`,
		);
	}
	for (const {file, outOfOrder, copyOf} of state.pending) {
		const notes = [
			...(destructive.has(file.name) ? [output.paint('drop', `${symbols.danger} loses data`)] : []),
			...(problem?.location?.file === file.path ? [output.paint('drop', `${symbols.failed} cannot be applied`)] : []),
			...(outOfOrder ? ['older than the last applied migration'] : []),
			...(copyOf === null ? [] : [`same contents as ${clean(copyOf)}`]),
		];
		output.line(`  ${symbols.pending} ${clean(file.name).padEnd(width)}   pending${notes.map((note) => `, ${note}`).join('')}`);
	}
	const summary = summaryOf(facts, cwd);
	// A database that existed before lite-migr is adopted first.
	const first = driftLines(facts.drift).length > 0 ? '' : '; to write the first one, run lite-migr create <name>';
	if (state.applied.length + state.pending.length === 0) output.line(`  no migrations yet${first}`);
	if (summary.length > 0) output.line();
	for (const line of summary) output.line(line);
}

/** Describes a database that does not exist yet, and why upgrade cannot create it if so. */
function whyMissing(database: string, cwd: string): string {
	try {
		requireCreatable(database);
		return 'does not exist yet; to create it, run lite-migr upgrade';
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return `does not exist yet, and upgrade cannot create it: ${clean(nearPlaces(error.message, cwd))}`;
	}
}

function noteOn(name: string, {edited, missing, renamed}: ProjectState): string {
	if (edited.includes(name)) return '   ! edited after it was applied';
	if (missing.includes(name)) return '   ! its file is missing';
	const from = renamed.find(({to}) => to === name)?.from;
	return from === undefined ? '' : `   ! renamed: it was applied as ${clean(from)}`;
}

function summaryOf({state, problem, drift}: Facts, cwd: string): readonly string[] {
	const found = drift?.differences ?? [];
	return [
		...(state.pending.length > 0
			? [`  ○ ${plural(state.pending.length, 'migration is', 'migrations are')} pending${problem === undefined ? ': lite-migr upgrade' : ''}`]
			: []),
		...(problem === undefined
			? []
			: problemText(problem, {cwd})
					.split('\n')
					.map((line) => `  ${line}`)),
		...(state.edited.length > 0 ? ['  ! an applied file was edited: restore it, and write the change as a new migration'] : []),
		...(state.renamed.length > 0 ? ['  ! an applied file was renamed: lite-migr upgrade records the new name and does not run it again'] : []),
		...missingSummary(state),
		...(drift?.unknown === undefined ? [] : [`  ! drift is unknown: ${clean(drift.unknown)}`]),
		...(found.length > 0 ? [`  ! ${driftTitle(state)}`, ...found.map((difference) => `      ${driftText(difference)}`)] : []),
		...(drift !== undefined && drift.unknown === undefined && found.length + state.edited.length + state.missing.length + state.renamed.length === 0
			? ['  ✔ no drift, no edited files']
			: []),
	];
}

function missingSummary(state: ProjectState): readonly string[] {
	if (state.missing.length === 0) return [];
	if (!isNewerThanFiles(state)) return ['  ! the file of an applied migration is missing: restore it, for example from git'];
	return [
		'  ! the database is newer than this program: all its migrations without a file come after the files here',
		`      update the program, or undo them with the downgrades stored in the database: ${wayBack(state.applied, state.missing)}`,
	];
}

function driftTitle({applied}: ProjectState): string {
	return applied.length === 0
		? 'the database has objects that are not in any migration. To adopt it unchanged, run lite-migr baseline <name>:'
		: 'the database has drifted from its migrations. To record its changes in a new migration, run lite-migr baseline <name>:';
}
