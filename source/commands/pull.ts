import {MigrError} from '../core/errors.ts';
import {type PullFormat, writePulled} from '../core/pull/pull.ts';
import {pullDatabase} from '../core/pull/pull-database.ts';
import {afterPull, foundText, pullNotes, takenBy} from '../core/pull/pull-text.ts';
import {clean} from '../core/text/clean.ts';
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
		'On a terminal the models are shown first, and written when you say so; --yes writes at once. A file that is there is never overwritten unasked: without a terminal that needs --yes.',
	],
	examples: [
		['lite-migr pull', 'models/schema.ts'],
		['lite-migr pull --format sql', 'models/schema.sql'],
	],
	hasScreens: ({dryRun}) => !dryRun,
	async run(context) {
		const {flags, cwd, output} = context;
		const config = configOf(context);
		const pulled = await pullDatabase(config, (flags.format as PullFormat | undefined) ?? 'ts');
		const taken = takenBy(pulled, (file) => shownPath(file, cwd));
		const facts = {
			database: config.dbPath,
			unsaid: [...pulled.mended, ...pulled.unsaid, ...pulled.differences.map(({object, name, kind}) => `${object} ${name}: ${kind}`)],
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
		for (const path of paths) output.line(`✔ wrote ${shownPath(path, cwd)}`);
		output.line(`  ${foundText(pulled.schema)}`);
		for (const note of pullNotes(pulled)) output.line(`! ${clean(note)}`);
		output.line(`  next: ${afterPull}`);
		return exitCode.done;
	},
});
