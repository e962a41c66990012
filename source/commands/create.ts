import type {Config} from '../core/config/config.ts';
import {caveatsOf} from '../core/migrations/draft/caveats.ts';
import type {Draft} from '../core/migrations/draft/draft.ts';
import {writeDraft} from '../core/migrations/draft/write-draft.ts';
import {type CreatedFile, createMigrationFile} from '../core/migrations/files/create-file.ts';
import {requireMigrationName} from '../core/migrations/files/names.ts';
import {projectMigrations} from '../core/migrations/files/source.ts';
import {writeEmptyMigration} from '../core/migrations/files/write.ts';
import {projectState} from '../core/migrations/history/state.ts';
import {clean} from '../core/text/clean.ts';
import {changeFlags, noDifferences, printChanges, printQuestions, requireNoDecisions, withStatedDraft} from './changes.ts';
import type {CreateJson} from './json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {configOf, shownDatabase, withDatabase} from './project.ts';
import {shownPath} from './text/error-text.ts';

const flags = {
	...changeFlags,
	format: {
		type: 'string',
		value: 'ts|sql|wrangler',
		choices: ['ts', 'sql', 'wrangler'],
		help: 'format of the migration file (default: format in migrate.toml, otherwise ts)',
	},
	empty: {type: 'boolean', help: 'write an empty migration, for data changes'},
} as const;

export const create = defineCommand({
	name: 'create',
	summary: 'write a migration for the differences between the models and the database',
	argument: {
		name: 'name',
		required: true,
		help: 'letters, digits, _ and -; the file is named <UTC time>_<name>, or <number>_<name> in the format wrangler',
	},
	flags,
	description: [
		'Compares the models with the database and its pending migrations, asks about anything it cannot infer, and writes one migration file. The database is not changed: to apply the migration, run lite-migr upgrade.',
		"The format wrangler writes a guarded script for Cloudflare D1, writes the downgrade to a separate file, and uses wrangler's history. Set it in migrate.toml, so the other commands use that history too.",
		'Without a terminal, an open question ends the command with exit code 3 and prints the flags that answer it. Put double quotes around names that contain a dot, a quote or an equals sign: --drop \'"my.table".age\'.',
	],
	examples: [
		['lite-migr create add_orders', ''],
		['lite-migr create names --rename user.name=full_name', ''],
		['lite-migr create tidy --drop user.nick --drop legacy_log', ''],
		['lite-migr create mail --fill "user.email=lower(name) || \'@example.com\'"', ''],
		['lite-migr create backfill --empty', 'a data migration'],
		['lite-migr create tags --format wrangler', 'a file that wrangler applies'],
	],
	hasScreens: ({empty}) => !empty,
	run,
});

async function run(context: Context<typeof flags>): Promise<ExitCode> {
	const {argument: name = '', flags: given, cwd, output} = context;
	requireMigrationName(name);
	const config = configOf(context, given.format);
	const {format} = config;
	if (given.empty) return await createEmpty(context, name, config);
	return await withStatedDraft(context, config, async (stated) => {
		const {draft, db, decisions, hasOpenQuestions, json} = stated;
		if (hasOpenQuestions) {
			output.json({migration: null, path: null, ...json} satisfies CreateJson);
			printQuestions(draft, db, !given.noSamples, output);
			return exitCode.answerNeeded;
		}
		const {file, ignores, newDatabaseProblem} = await writeDraft(stated, {name, format, now: new Date()});
		const ignoredLine = `✔ ${shownPath(config.file, cwd)} now ignores ${decisions.ignore.map(clean).join(', ')}`;
		if (file === undefined) {
			output.json({migration: null, path: null, ...json} satisfies CreateJson);
			if (ignores) output.line(ignoredLine);
			output.line(`✔ ${noDifferences(stated)}; nothing to write`);
			return exitCode.done;
		}
		output.json({...filesJson(file), ...json} satisfies CreateJson);
		printChanges(stated, !given.noSamples, output);
		output.line();
		if (ignores) output.line(ignoredLine);
		printWritten(file, context);
		const loses = db !== undefined && losesData(draft);
		const next = config.format === 'wrangler' ? 'wrangler d1 migrations apply, or lite-migr upgrade' : 'lite-migr upgrade';
		output.line(`  next: ${next}${loses ? '   (▲ loses data: requires --yes without a terminal; try it first with --dry-run)' : ''}`);
		for (const {message, fix} of caveatsOf(stated, newDatabaseProblem, shownDatabase(config, cwd))) {
			output.line(`  ! ${message}`);
			output.line(`    ${fix}`);
		}
		return exitCode.done;
	});
}

function filesJson({name, path, downgradePath}: CreatedFile): Pick<CreateJson, 'migration' | 'path' | 'downgradePath'> {
	return {migration: name, path, ...(downgradePath === undefined ? {} : {downgradePath})};
}

function printWritten({path, downgradePath}: CreatedFile, {cwd, output}: Pick<Context, 'cwd' | 'output'>): void {
	output.line(`✔ wrote ${shownPath(path, cwd)}`);
	if (downgradePath !== undefined) output.line(`  and ${shownPath(downgradePath, cwd)}, which undoes it and which wrangler does not read`);
}

/** True if the migration loses data. A drop counts even if its object is only created by a pending migration and has no rows yet. */
function losesData({findings, hazards}: Draft): boolean {
	return findings.some(({destructive}) => destructive) || hazards.some(({kind}) => kind === 'dropTable' || kind === 'dropColumn');
}

async function createEmpty(context: Context<typeof flags>, name: string, config: Config): Promise<ExitCode> {
	const {flags: given, output} = context;
	requireNoDecisions(given);
	const file = await withDatabase(context, config, (db) => {
		const applied = projectState(projectMigrations(config), db).applied.map((migration) => migration.name);
		const empty = writeEmptyMigration(config.format);
		return createMigrationFile({directory: config.migrationsDir, format: config.format, ...empty}, {name, now: new Date(), applied});
	});
	output.json({...filesJson(file), questions: [], operations: [], hazards: [], findings: []} satisfies CreateJson);
	printWritten(file, context);
	output.line('  next: add the change to the file, then run lite-migr upgrade');
	return exitCode.done;
}
