import {existsSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import type {Config} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {baseline as adopt} from '../core/migrations/adopt/baseline.ts';
import {type ImportedMigrations, importMigrations} from '../core/migrations/adopt/import/import-migrations.ts';
import {requireOwnHistory} from '../core/migrations/project.ts';
import {findPrismaSchema} from '../core/models/prisma/find-schema.ts';
import {changeCount, changeList} from '../core/plan/preview-text.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import {version} from '../core/version.ts';
import {changesJson, printQuestions, statedAnswers, statedDecisions} from './changes.ts';
import {decisionFlags} from './decisions.ts';
import type {BaselineJson, ImportJson} from './json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {lockWait} from './lock-wait.ts';
import {configOf, databaseExists, shownDatabase} from './project.ts';
import {problemJson, shownPath} from './text/error-text.ts';
import {acceptHint, type NewDatabaseProblem, newDatabaseProblem} from './text/new-database-text.ts';
import type {Output} from './text/output.ts';

/** Objects that are missing from the database need no confirmation, and ignored objects are listed in `migrate.toml`. */
const {ignore: _ignore, allowDrops: _allowDrops, ...answerFlags} = decisionFlags;

export const baseline = defineCommand({
	name: 'baseline',
	summary: 'adopt an existing database, or changes made to it outside lite-migr',
	argument: {name: 'name', required: false, help: 'name of the new migration, or of an existing one that creates exactly this schema'},
	flags: {
		from: {
			type: 'string',
			value: 'FOLDER',
			help: 'import migrations from drizzle-kit, Prisma, Diesel, sqlx, goose, dbmate, golang-migrate, wrangler (D1), Knex or Kysely, and mark those already applied',
		},
		format: {
			type: 'string',
			value: 'ts|sql|wrangler',
			choices: ['ts', 'sql', 'wrangler'],
			help: 'format of the migration file (default: format in migrate.toml, otherwise ts)',
		},
		...answerFlags,
	},
	description: [
		'Writes a migration that would create the current schema, and marks it as applied. The migration is not run: tables and rows do not change. Migration tables of other tools are reported and left in place.',
		'If migrations are already applied and the database was changed outside lite-migr since then, the new migration contains only that change. Like create, it asks about possible renames.',
		'To adopt another database with the same schema, pass the name of that migration. It is marked as applied there if the schemas match.',
		"With --from, imports the migrations of another tool instead of writing one for the whole schema. Migrations that the tool has recorded as applied are marked as applied; the others are pending. The tool's own files and table are not changed. The migrations of Knex and Kysely are code: they run on an empty database in memory, with the Knex or Kysely of the project.",
	],
	examples: [
		['lite-migr baseline start', ''],
		['lite-migr baseline --from drizzle', 'import the history of drizzle-kit'],
		['lite-migr baseline --from db/migrations', 'import the history of Knex'],
	],
	async run(context) {
		const {argument: name, flags, cwd, output} = context;
		const config = configOf(context, flags.format);
		if (!databaseExists(config)) {
			throw new MigrError('database', `no database at ${clean(config.dbPath)}`, {
				hint: 'check db_path in migrate.toml (or --db): baseline adopts an existing database',
			});
		}
		if (flags.from !== undefined) {
			requireOwnHistory(config, 'baseline --from', "set migrations_dir to wrangler's folder: its migrations need no import");
			if (name !== undefined)
				throw new MigrError('usage', 'a name and --from cannot be used together', {hint: 'omit the name: imported migrations keep their own names'});
			const taken = await importMigrations({...config, ...lockWait(context), from: resolve(cwd, flags.from), toolVersion: version});
			printTakenOver(taken, config, context);
			return exitCode.done;
		}
		if (name === undefined) {
			throw new MigrError('usage', 'baseline needs a name', {
				hint: 'run lite-migr baseline start, or import the migrations of another tool with --from FOLDER',
			});
		}
		const given = {...flags, ignore: [], allowDrops: false};
		const answers = statedAnswers(given, cwd);
		const decisions = statedDecisions(given, cwd, answers);
		const {drift, ...done} = await adopt({...config, ...lockWait(context), name, decisions, answers, now: new Date(), toolVersion: version});
		if (drift !== undefined && drift.questions.length > 0) {
			output.json(changesJson(drift, false));
			printQuestions(drift, undefined, false, output);
			return exitCode.answerNeeded;
		}
		output.json({...done, database: config.dbPath} satisfies BaselineJson);
		if (done.recorded !== undefined) {
			output.line(`✔ recorded the edited file of ${clean(done.recorded)}: the applied migrations create the schema of ${shownDatabase(config, cwd)}`);
			output.line('  next: lite-migr check');
			return exitCode.done;
		}
		if (done.path !== null) {
			const what =
				drift === undefined
					? `creates the current ${plural(done.tables, 'table')}`
					: `${plural(changeCount(drift.preview), 'change')} made outside lite-migr`;
			output.line(`✔ wrote ${shownPath(done.path, cwd)}: ${what}`);
		}
		for (const change of drift === undefined ? [] : changeList(drift.preview)) output.line(`    ${change}`);
		output.line(`✔ marked as applied: ${done.applied.map(clean).join(', ')}; no table was changed`);
		for (const {tool, tables} of done.tools) {
			output.line(
				`! this database was migrated with ${tool}; its ${tables.map(clean).join(', ')} is left in place and can be dropped when it is no longer needed`,
			);
		}
		output.line('  next: lite-migr diff shows how the models differ');
		return exitCode.done;
	},
});

function printTakenOver({problems, ...taken}: ImportedMigrations, config: Config, {cwd, output}: Pick<Context, 'cwd' | 'output'>): void {
	const json: ImportJson = {database: config.dbPath, ...taken, newDatabaseProblems: problems.map(problemJson)};
	output.json(json);
	output.line(
		`✔ imported ${plural(taken.written.length, 'migration')} from ${taken.tool}: ${plural(taken.applied.length, 'is', 'are')} marked as applied, ${plural(taken.pending.length, 'is', 'are')} pending`,
	);
	output.line("  the tool's own files and table are unchanged; no table was changed");
	for (const note of taken.notes) output.line(`  ${clean(note)}`);
	const prisma = taken.tool === 'Prisma' && !existsSync(config.modelsDir) ? findPrismaSchema(dirname(config.file)) : undefined;
	if (prisma !== undefined)
		output.line(
			`  to use your Prisma schema as the models, set models_dir = ${clean(JSON.stringify(prisma.models))} in ${shownPath(config.file, cwd)}`,
		);
	if (problems.length > 0) {
		output.line(
			`! these migrations cannot build a new database yet, for example for tests or another machine; ${shownDatabase(config, cwd)} is not affected`,
		);
		for (const problem of problems) printProblem(newDatabaseProblem(problem, taken.applied, cwd), output);
		output.line(`  ${acceptHint}`);
		output.line(
			'  to start without this history instead, delete the imported files, run DROP TABLE _lite_migr, and then run lite-migr baseline <name>',
		);
	}
	output.line('  next: lite-migr status');
}

function printProblem({place, message, details, fixes}: NewDatabaseProblem, output: Output): void {
	output.line(`    ✗ ${message}`);
	for (const line of [place, ...details].filter((text) => text !== '')) output.line(`      │ ${line}`);
	for (const fix of fixes) output.line(`      ${fix}`);
}
