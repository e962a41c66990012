import {existsSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import {withoutIgnored} from '../core/migrations/ignored.ts';
import {type PullFormat, pullModels, writePulled} from '../core/pull/pull.ts';
import {introspect} from '../core/sqlite/introspect.ts';
import {openDatabase} from '../core/sqlite/open.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import type {PullJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const pull = defineCommand({
	name: 'pull',
	summary: 'write the schema of an existing database as models',
	flags: {
		format: {type: 'string', value: 'ts|sql|drizzle', choices: ['ts', 'sql', 'drizzle'], help: 'of the models (default: ts)'},
		dryRun: {type: 'boolean', help: 'print the models, write nothing'},
	},
	description: [
		'Writes the models that make just the schema of the database, and reads them back to prove it. Tables that are not ours (ignore in migrate.toml) and the bookkeeping of other tools are left out.',
		'A file that is there is never overwritten unasked: without a terminal that needs --yes.',
	],
	examples: [
		['lite-migr pull', 'models/schema.ts'],
		['lite-migr pull --format sql', 'models/schema.sql'],
	],
	async run(context) {
		const {flags, cwd, output} = context;
		const config = configOf(context);
		if (!existsSync(config.dbPath)) {
			throw new MigrError('database', `there is no database at ${clean(config.dbPath)}`, {hint: 'check db_path in migrate.toml, or give --db'});
		}
		const db = openDatabase(config.dbPath, {readonly: true, wait: config.wait});
		const schema = withoutIgnored(introspect(db), config.ignore);
		db.close();
		const pulled = await pullModels(schema, (flags.format as PullFormat | undefined) ?? 'ts', config.modelsDir);
		const taken = [...pulled.files.filter(({exists}) => exists).map(({name}) => name), ...pulled.others.map((file) => shownPath(file, cwd))];
		const facts = {
			database: config.dbPath,
			unsaid: [...pulled.unsaid, ...pulled.differences.map(({object, name, kind}) => `${object} ${name}: ${kind}`)],
		};
		if (flags.dryRun) {
			output.json({...facts, paths: [], files: pulled.files.map(({name, text}) => ({name, text}))} satisfies PullJson);
			for (const {text} of pulled.files) output.source(text);
			return exitCode.done;
		}
		if (taken.length > 0 && !flags.yes) {
			throw new MigrError('answerNeeded', `there are models already: ${taken.map(clean).join(', ')}`, {
				hint: '--yes writes all the same, over a file of the same name; --dry-run prints the models; another models_dir keeps them apart',
			});
		}
		const paths = writePulled(pulled, config.modelsDir);
		output.json({...facts, paths, files: []} satisfies PullJson);
		const objects = schema.tables.length + schema.virtualTables.length;
		for (const path of paths) output.line(`✔ wrote ${shownPath(path, cwd)}`);
		output.line(
			`  ${plural(objects, 'table')}, ${plural(schema.indexes.length, 'index', 'indexes')}, ${plural(schema.views.length, 'view')}, ${plural(schema.triggers.length, 'trigger')}`,
		);
		for (const line of facts.unsaid) output.line(`! ${clean(line)}`);
		output.line('  next: lite-migr baseline start, if the database has no migrations yet');
		return exitCode.done;
	},
});
