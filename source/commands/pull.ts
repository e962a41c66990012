import {MigrError} from '../core/errors.ts';
import {type PullFormat, writePulled} from '../core/pull/pull.ts';
import {pullDatabase} from '../core/pull/pull-database.ts';
import {afterPull, foundText, pullNotes, takenBy} from '../core/pull/pull-text.ts';
import {clean} from '../core/text/clean.ts';
import type {PullJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {lockWait} from './lock-wait.ts';
import {configOf} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const pull = defineCommand({
	name: 'pull',
	summary: 'generate models from an existing database',
	flags: {
		format: {type: 'string', value: 'ts|sql|drizzle', choices: ['ts', 'sql', 'drizzle'], help: 'format of the models (default: ts)'},
		dryRun: {type: 'boolean', help: 'print the models without writing them'},
	},
	description: [
		'Writes models that create exactly the schema of the database, and loads them to verify that. Ignored objects (ignore in migrate.toml) and the migration tables of other tools are omitted.',
		'In a terminal, the models are shown first and written after you confirm; --yes writes them immediately. Existing files are never overwritten without confirmation: without a terminal, that requires --yes.',
	],
	examples: [
		['lite-migr pull', 'models/schema.ts'],
		['lite-migr pull --format sql', 'models/schema.sql'],
	],
	hasScreens: ({dryRun}) => !dryRun,
	async run(context) {
		const {flags, cwd, output} = context;
		const config = configOf(context);
		const pulled = await pullDatabase(config, (flags.format as PullFormat | undefined) ?? 'ts', lockWait(context));
		const taken = takenBy(pulled, (file) => shownPath(file, cwd));
		const facts = {
			database: config.dbPath,
			limitations: [
				...pulled.rewrittenStrings,
				...pulled.limitations,
				...pulled.differences.map(({object, name, kind}) => `${object} ${name}: ${kind}`),
			],
		};
		if (flags.dryRun) {
			output.json({...facts, paths: [], files: pulled.files.map(({name, text}) => ({name, text}))} satisfies PullJson);
			for (const {text} of pulled.files) output.source(text);
			return exitCode.done;
		}
		if (taken.length > 0 && !flags.yes) {
			throw new MigrError('answerNeeded', `models already exist: ${taken.map(clean).join(', ')}`, {
				hint: 'to write anyway and overwrite files of the same name, use --yes; to print the models, use --dry-run; to keep them apart, set another models_dir',
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
