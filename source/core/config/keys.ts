/** A key of `migrate.toml`. */
interface Key {
	/** Describes the values that are accepted, for errors. */
	readonly expected: string;
	readonly fits: (value: unknown) => boolean;
	/** Describes the key in editors. */
	readonly description: string;
	/** The values that are accepted, in JSON Schema (https://json-schema.org). */
	readonly schema: Readonly<Record<string, unknown>>;
}

/** All keys of `migrate.toml`. */
export const keys: Readonly<Record<string, Key>> = {
	db_path: path('The database: a file, d1:NAME, d1-local:NAME, libsql://HOST or rqlite://HOST:PORT.', './app.db'),
	migrations_dir: path('The folder of the migrations.', './migrations'),
	models_dir: {
		expected: 'a path in quotes, or a list of paths',
		fits: (value) => isPath(value) || (Array.isArray(value) && value.length > 0 && value.every(isPath)),
		description: 'The models: a folder that is read recursively, a file, a pattern such as "src/*/schema.ts", or a list of these.',
		schema: {
			anyOf: [
				{type: 'string', minLength: 1},
				{type: 'array', items: {type: 'string', minLength: 1}, minItems: 1},
			],
			default: './models',
		},
	},
	format: oneOf('The format of new migrations.', 'ts', 'sql', 'wrangler'),
	backup: oneOf('When a backup is taken. auto: before anything destructive or a rewrite.', 'auto', 'always', 'never'),
	backup_dir: path('The folder of the backups. By default, backups/ next to the database.'),
	casing: oneOf('The casing that drizzle-orm 0 applies to columns without an explicit name.', 'snake_case', 'camelCase'),
	driver: oneOf('The driver that opens database files.', 'better-sqlite3', 'node:sqlite'),
	backup_keep: {
		expected: 'a whole number from 1',
		fits: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1,
		description: 'The number of backups to keep.',
		schema: {type: 'integer', minimum: 1, default: 5},
	},
	ignore: {
		expected: 'a list of names, such as ["legacy_*"]',
		fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
		description: 'Names and patterns of tables, indexes, views and triggers that lite-migr does not manage.',
		schema: {type: 'array', items: {type: 'string', minLength: 1}},
	},
	new_databases: {
		expected: 'true or false',
		fits: (value) => typeof value === 'boolean',
		description: 'Whether the migrations have to work on a new database. If not, check does not report that they fail on one.',
		schema: {type: 'boolean', default: true},
	},
	wait: {
		expected: 'a number of seconds',
		fits: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
		description: 'Seconds to wait for the lock of another process.',
		schema: {type: 'number', minimum: 0, default: 10},
	},
};

/** Returns the JSON Schema of `migrate.toml`, for editors. */
export function configSchema(): Readonly<Record<string, unknown>> {
	const properties = Object.fromEntries(Object.entries(keys).map(([name, {description, schema}]) => [name, {description, ...schema}]));
	return {
		$schema: 'https://json-schema.org/draft/2020-12/schema',
		title: 'migrate.toml of lite-migr',
		type: 'object',
		properties: {migrate: {type: 'object', properties, additionalProperties: false}},
		required: ['migrate'],
		additionalProperties: false,
	};
}

function isPath(value: unknown): boolean {
	return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function path(description: string, standard?: string): Key {
	return {
		expected: 'a path in quotes',
		fits: isPath,
		description,
		schema: {type: 'string', minLength: 1, ...(standard === undefined ? {} : {default: standard})},
	};
}

function oneOf(description: string, ...choices: readonly string[]): Key {
	const names = choices.map((choice) => `"${choice}"`);
	return {
		expected: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
		fits: (value) => choices.includes(value as string),
		description,
		schema: {enum: choices},
	};
}
