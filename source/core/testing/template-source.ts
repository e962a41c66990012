import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join, relative, resolve, sep} from 'node:path';
import {type Config, configName, findConfig, loadConfig} from '../config/config.ts';
import {MigrError} from '../errors.ts';
import {migrationsIn} from '../migrations/files/source.ts';
import {wranglerDowngrades} from '../migrations/files/wrangler-folder.ts';
import type {LoadOptions} from '../models/load.ts';
import {findModelFiles} from '../models/model-files.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';
import {version} from '../version.ts';
import {runMigrations} from './run-migrations.ts';

/** The options that determine the content of a template, except its rows. */
export interface SourceRequest {
	/** The working folder. */
	readonly cwd: string;
	readonly config?: string | undefined;
	readonly migrations?: string | undefined;
	readonly models?: string | undefined;
	/** A migration. Only the ones before it run. */
	readonly before?: string | undefined;
}

/** The inputs of a template, as read from the files. */
export interface TemplateSource {
	/** The `migrate.toml` that was read. */
	readonly config: string | undefined;
	/** A hash of the content of all files, and of the settings and the version of lite-migr. */
	readonly key: string;
	/** The files, and the folders they are in. */
	readonly watched: readonly string[];
	/** True if the files may import others, which the key does not contain. */
	readonly hasModules: boolean;
	/** The folder of the migrations, or the file or folder of the models. */
	readonly path: string;
	/** The names of all migrations. Empty for models. */
	readonly names: readonly string[];
	/** Wrangler's migration table, if that is the history of the project. */
	readonly wranglerTable: string | undefined;
	/** Names and patterns of objects that the project does not manage. */
	readonly ignore: readonly string[];
	/** Builds the database at a path where no file exists. */
	build(file: string): Promise<void>;
}

/** Returns the path of the configuration. Undefined if there is none. */
export function configOf({cwd, config}: SourceRequest): string | undefined {
	return config === undefined ? findConfig(cwd) : resolve(cwd, config);
}

/**
 * Reads the inputs of a template.
 *
 * @throws MigrError `config` if there is no `migrate.toml`, migration or model, and the errors of the files
 */
export function readTemplateSource(request: SourceRequest): TemplateSource {
	const {cwd, migrations, models} = request;
	if (migrations !== undefined && models !== undefined) {
		throw new MigrError('usage', 'the options migrations and models cannot be combined', {hint: 'remove one of them'});
	}
	const file = configOf(request);
	if (models !== undefined) return modelSource(resolve(cwd, models), file === undefined ? undefined : projectAt(file));
	if (migrations !== undefined) return migrationSource(resolve(cwd, migrations), undefined, request.before);
	if (file === undefined) {
		throw new MigrError('config', `no ${configName} in ${clean(cwd)} or its parent folders`, {
			hint: 'set the option config, migrations or models, or run the tests in the folder of the project',
		});
	}
	const config = projectAt(file);
	return migrationSource(config.migrationsDir, config, request.before);
}

/** Reads the configuration without its database, which the tests do not use and which may not exist where they run. */
function projectAt(file: string): Config {
	return loadConfig(file, {db: 'test.db'});
}

function migrationSource(folder: string, config: Config | undefined, before: string | undefined): TemplateSource {
	if (!existsSync(folder)) {
		throw new MigrError('config', `no migrations at ${clean(folder)}`, {
			location: {file: config?.file},
			hint:
				config === undefined ? 'correct the option migrations' : 'correct migrations_dir, or create the first migration with lite-migr create <name>',
		});
	}
	const wranglerTable = config?.wranglerTable;
	const all = migrationsIn(folder, wranglerTable).list();
	const files = before === undefined ? all : all.filter(({name}) => name < before);
	const last = files.at(-1)?.name;
	return {
		config: config?.file,
		path: folder,
		names: all.map(({name}) => name),
		wranglerTable,
		ignore: config?.ignore ?? [],
		key: keyOf([
			'migrations',
			wranglerTable ?? '',
			...files.flatMap(({name, kind, text, downgrade}) => [name, kind, text, downgrade?.path ?? '', downgrade?.text ?? '']),
		]),
		watched: [
			...(config === undefined ? [] : [config.file]),
			folder,
			...(wranglerTable === undefined ? [] : [join(folder, wranglerDowngrades)]),
			...all.flatMap(({path, downgrade}) => (downgrade === undefined ? [path] : [path, downgrade.path])),
		],
		hasModules: files.some(({kind}) => kind === 'ts'),
		async build(database) {
			if (last === undefined) return;
			await runMigrations({database, migrationsDir: folder, ...(wranglerTable === undefined ? {} : {wranglerTable}), to: last, consent: true});
		},
	};
}

function modelSource(path: string, config: Config | undefined): TemplateSource {
	const {modules, ...others} = findModelFiles(path);
	const files = [modules, ...Object.values(others)].flat();
	const options: LoadOptions = config === undefined ? {} : {ignore: config.ignore, casing: config.casing};
	return {
		config: config?.file,
		path,
		names: [],
		wranglerTable: undefined,
		ignore: config?.ignore ?? [],
		key: keyOf(['models', JSON.stringify(options), ...files.flatMap((file) => [relative(path, file), readFileSync(file, 'utf8')])]),
		watched: [...(config === undefined ? [] : [config.file]), ...foldersOf(path), ...files],
		hasModules: modules.length > 0,
		async build(database) {
			const {loadModels} = await import('../models/load.ts');
			const schema = await loadModels(path, options);
			const db = openDatabase(database, {create: true});
			try {
				db.exec('BEGIN');
				for (const {sql: definition} of [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views, ...schema.triggers]) {
					db.exec(definition);
				}
				db.exec('COMMIT');
			} finally {
				db.close();
			}
		},
	};
}

/** Returns the folder and all folders in it. Empty if the path is a file. */
function foldersOf(path: string): readonly string[] {
	if (!statSync(path).isDirectory()) return [];
	const inside = readdirSync(path, {recursive: true, withFileTypes: true}).filter((entry) => entry.isDirectory());
	return [path, ...inside.map((entry) => join(entry.parentPath, entry.name)).filter((folder) => !folder.split(sep).includes('node_modules'))];
}

function keyOf(parts: readonly string[]): string {
	return createHash('sha256')
		.update(JSON.stringify([version, ...parts]))
		.digest('hex');
}
