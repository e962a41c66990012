import {existsSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {configName, loadConfig} from '../core/config/config.ts';
import {makeFolder, writeConfig} from '../core/config/files.ts';
import {d1DatabasesIn} from '../core/engines/d1/wrangler-config.ts';
import {MigrError} from '../core/errors.ts';
import {databasesOf, findModels} from '../core/models/find-models.ts';
import {clean} from '../core/text/clean.ts';
import type {InitJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {shownPath} from './text/error-text.ts';

export const init = defineCommand({
	name: 'init',
	summary: 'create migrate.toml and the migrations folder',
	flags: {
		migrations: {type: 'string', value: 'FOLDER', help: 'folder for migration files (default: ./migrations)'},
		models: {type: 'string', value: 'FOLDER', help: 'folder or file with the models (default: ./models)'},
	},
	description: [
		'Writes migrate.toml to the working folder, or to the file passed with --config, and creates the migrations folder. Existing files are never overwritten. --db sets db_path (default: ./app.db).',
	],
	examples: [
		['lite-migr init', './app.db, ./migrations, ./models'],
		['lite-migr init --db data/shop.db', 'use another database file'],
	],
	hasScreens: () => true,
	async run({flags, cwd, output}) {
		const file = flags.config === undefined ? join(cwd, configName) : resolve(cwd, flags.config);
		const paths = {
			...(flags.db === undefined ? {} : {db: flags.db}),
			...(flags.migrations === undefined ? {} : {migrations: flags.migrations}),
			...(flags.models === undefined ? {} : {models: flags.models}),
		};
		const isNew = writeConfig(file, paths);
		if (!isNew && Object.keys(paths).length > 0) {
			throw new MigrError('usage', `${shownPath(file, cwd)} already exists, and init never overwrites it`, {
				hint: `edit the paths in ${shownPath(file, cwd)}`,
			});
		}
		const config = loadConfig(file);
		const hasNewFolder = makeFolder(config.migrationsDir);
		output.json({
			config: file,
			written: isNew,
			database: config.dbPath,
			migrations: config.migrationsDir,
			models: config.modelsDir,
		} satisfies InitJson);
		const shown = (path: string) => shownPath(path, cwd);
		output.line(isNew ? `✔ wrote ${shown(file)}` : `${shown(file)} already exists; left unchanged`);
		if (hasNewFolder) output.line(`✔ created ${shown(config.migrationsDir)}/`);
		output.line();
		const found = flags.models === undefined && isNew ? findModels(dirname(file)) : undefined;
		const d1 = flags.db === undefined && isNew ? d1DatabasesIn(dirname(file)) : [];
		for (const {name, file: wrangler, migrations, hasMigrations} of d1) {
			output.line(`  ${wrangler} has the D1 database ${clean(name)}`);
			output.line(`  next: to migrate it, set db_path = ${clean(JSON.stringify(`d1-local:${name}`))} in ${shown(file)}`);
			if (migrations !== './migrations') output.line(`        migrations_dir = ${clean(JSON.stringify(migrations))}   as in ${wrangler}`);
			if (hasMigrations) output.line('        format = "wrangler"   to continue the migrations that wrangler applies');
			output.line();
		}
		if (existsSync(config.modelsDir) && isNew && existsSync(config.dbPath)) {
			output.line(`  ${shown(config.dbPath)} already exists`);
			output.line('  next: lite-migr baseline start           adopt it unchanged');
			output.line('        lite-migr baseline --from FOLDER   adopt it with the migrations of another tool');
		} else if (existsSync(config.modelsDir)) output.line('  next: lite-migr create <name>');
		else if (found !== undefined) {
			const {kind, models, casing} = found;
			output.line(`  ${clean([models].flat().join(', '))} is a ${kind} schema`);
			output.line(`  next: to use it as the models, set models_dir = ${clean(JSON.stringify(models))} in ${shown(file)}`);
			if (casing !== undefined) output.line(`        casing = ${JSON.stringify(casing)}   as in drizzle.config`);
			if (existsSync(config.dbPath)) output.line('        lite-migr baseline start   adopt the database unchanged');
			else
				for (const name of databasesOf(found, dirname(file)))
					output.line(`        ${clean(name)} is a database; if it is the one to migrate, set db_path to it`);
		} else if (existsSync(config.dbPath)) {
			output.line(`  ${shown(config.dbPath)} already exists`);
			output.line('  next: lite-migr pull             generate models from it');
			output.line('        lite-migr baseline start   adopt it unchanged');
		} else {
			output.line(`  next: write a model in ${shown(config.modelsDir)}/, such as ${shown(join(config.modelsDir, 'user.ts'))}`);
			output.verbatim(firstModel);
			output.line();
			output.line('  then: lite-migr create my_tables');
		}
		if (dirname(file) !== cwd) output.line(`  the configuration is in ${shown(dirname(file))}`);
		return exitCode.done;
	},
});

const firstModel = `
    import {table, integer, text} from 'lite-migr';

    export const user = table('user', {
        id: integer().primaryKey(),
        name: text().notNull(),
    });`;
