import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Config} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {baseline as adopt} from '../core/migrations/adopt/baseline.ts';
import {type TakenOver, takeOver} from '../core/migrations/adopt/takeover/takeover.ts';
import {changeCount, changeList} from '../core/plan/preview-text.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import {version} from '../core/version.ts';
import {changesJson, printQuestions, statedAnswers, statedDecisions} from './changes.ts';
import {decisionFlags} from './decisions.ts';
import type {BaselineJson, TakeoverJson} from './json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {problemJson, shownPath} from './text/error-text.ts';
import {acceptHint, type NewDatabaseProblem, newDatabaseProblem} from './text/new-database-text.ts';
import type {Output} from './text/output.ts';

/** What is gone from a database is no question, and what is ignored stands in `migrate.toml`. */
const {ignore: _ignore, allowDrops: _allowDrops, ...answerFlags} = decisionFlags;

export const baseline = defineCommand({
	name: 'baseline',
	summary: 'adopt an existing database, or what was changed in it by other means',
	argument: {name: 'name', required: false, help: 'of the new migration; or of one that is there and makes just this schema'},
	flags: {
		from: {
			type: 'string',
			value: 'FOLDER',
			help: 'take over the migrations of drizzle-kit, goose, dbmate, golang-migrate or wrangler (D1), with what they have applied',
		},
		format: {type: 'string', value: 'ts|sql', choices: ['ts', 'sql'], help: 'of the file (default: format in migrate.toml, otherwise ts)'},
		...answerFlags,
	},
	description: [
		'Writes a migration that would create the schema of the database, and notes it as applied. Nothing of it is run: tables and rows stay as they are. The bookkeeping of other tools is named and left alone.',
		'Where migrations were applied, and the database was changed by other means since, the new migration holds that change alone. What may have been renamed is asked, as create does.',
		'For the next database of the same kind, give the name of that migration: it is noted as applied there, if the schema is the same.',
		'With --from the files of another tool become migrations of lite-migr, in place of one for the whole schema; those that its table says were applied are noted as applied, the others are pending. Its files and its table stay.',
	],
	examples: [
		['lite-migr baseline start', ''],
		['lite-migr baseline --from drizzle', 'the history of drizzle-kit'],
	],
	async run(context) {
		const {argument: name, flags, cwd, output} = context;
		const config = configOf(context);
		if (!existsSync(config.dbPath)) {
			throw new MigrError('database', `there is no database at ${clean(config.dbPath)}`, {
				hint: 'baseline is for one that exists; check db_path in migrate.toml, or --db',
			});
		}
		if (flags.from !== undefined) {
			if (name !== undefined)
				throw new MigrError('usage', 'a name and --from do not go together', {hint: 'with --from every migration keeps the name that it has'});
			const taken = await takeOver({...config, from: resolve(cwd, flags.from), toolVersion: version});
			printTakenOver(taken, config, context);
			return exitCode.done;
		}
		if (name === undefined) {
			throw new MigrError('usage', 'baseline needs a name', {hint: 'lite-migr baseline start, or --from FOLDER for the migrations of another tool'});
		}
		const format = (flags.format as 'ts' | 'sql' | undefined) ?? config.format;
		const given = {...flags, ignore: [], allowDrops: false};
		const answers = statedAnswers(given, cwd);
		const decisions = statedDecisions(given, cwd, answers);
		const {drift, ...done} = await adopt({...config, format, name, decisions, answers, now: new Date(), toolVersion: version});
		if (drift !== undefined && drift.questions.length > 0) {
			output.json(changesJson(drift, false));
			printQuestions(drift, undefined, false, output);
			return exitCode.answerNeeded;
		}
		output.json({...done, database: config.dbPath} satisfies BaselineJson);
		if (done.recorded !== undefined) {
			output.line(
				`✔ recorded the edited file of ${clean(done.recorded)}: the applied migrations build the schema of ${shownPath(config.dbPath, cwd)}`,
			);
			output.line('  next: lite-migr check');
			return exitCode.done;
		}
		if (done.path !== null) {
			const what =
				drift === undefined
					? `${plural(done.tables, 'table')} as they are`
					: `${plural(changeCount(drift.preview), 'change')} that no migration made`;
			output.line(`✔ wrote ${shownPath(done.path, cwd)}: ${what}`);
		}
		for (const change of drift === undefined ? [] : changeList(drift.preview)) output.line(`    ${change}`);
		output.line(`✔ noted as applied: ${done.applied.map(clean).join(', ')}; no table was touched`);
		for (const {tool, tables} of done.tools) {
			output.line(
				`! the database was migrated by ${tool} before; its ${tables.map(clean).join(', ')} is left alone and can be dropped when nothing needs it any more`,
			);
		}
		output.line('  next: lite-migr diff shows what the models say otherwise');
		return exitCode.done;
	},
});

function printTakenOver({problems, ...taken}: TakenOver, config: Config, {cwd, output}: Pick<Context, 'cwd' | 'output'>): void {
	const json: TakeoverJson = {database: config.dbPath, ...taken, newDatabaseProblems: problems.map(problemJson)};
	output.json(json);
	output.line(
		`✔ took over ${plural(taken.written.length, 'migration')} of ${taken.tool}: ${plural(taken.applied.length, 'is', 'are')} noted as applied, ${plural(taken.pending.length, 'is', 'are')} pending`,
	);
	output.line('  its files and its table are left alone; no table was touched');
	for (const note of taken.notes) output.line(`  ${clean(note)}`);
	if (problems.length > 0) {
		output.line(
			`! these migrations build no new database yet, for tests or another machine; ${shownPath(config.dbPath, cwd)} itself is not affected`,
		);
		for (const problem of problems) printProblem(newDatabaseProblem(problem, taken.applied, cwd), output);
		output.line(`  ${acceptHint}`);
		output.line('  to start without this history instead, delete the imported files, run DROP TABLE _lite_migr, then lite-migr baseline <name>');
	}
	output.line('  next: lite-migr status');
}

function printProblem({place, message, details, fixes}: NewDatabaseProblem, output: Output): void {
	output.line(`    ✗ ${message}`);
	for (const line of [place, ...details].filter((text) => text !== '')) output.line(`      │ ${line}`);
	for (const fix of fixes) output.line(`      ${fix}`);
}
