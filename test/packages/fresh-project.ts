import {spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';

/** The tools of this folder's package. */
export const tools = join(import.meta.dirname, 'node_modules');

/** Programs of packages whose own bin needs an install script. */
export const bun = join(tools, '@oven/bun-linux-x64/bin/bun');
export const deno = join(tools, '@deno/linux-x64-glibc/deno');

export interface Finished {
	readonly code: number | null;
	/** What the program wrote to both streams. */
	readonly output: string;
}

/** A folder outside the repository. */
export interface FreshProject {
	readonly path: string;
	at(name: string): string;
	write(file: string, text: string): void;
	/** Runs a program in the folder. */
	run(program: string, ...given: readonly string[]): Promise<Finished>;
	runWith(environment: Readonly<Record<string, string>>, program: string, ...given: readonly string[]): Promise<Finished>;
	/** Returns the columns of a table in a database of the folder. Undefined if the database does not exist. */
	columns(database: string, table: string): readonly string[] | undefined;
}

/** Creates an empty project with these files, for the current test. */
export function freshProject(files: Readonly<Record<string, string>> = {}): FreshProject {
	const path = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-package-')));
	onTestFinished(() => rmSync(path, {recursive: true, force: true}));
	const at = (name: string) => join(path, name);
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(at(file)), {recursive: true});
		writeFileSync(at(file), text);
	};
	for (const [file, text] of Object.entries(files)) write(file, text);
	const runWith: FreshProject['runWith'] = (environment, program, ...given) => runIn(path, environment, program, given);
	return {
		path,
		at,
		write,
		runWith,
		run: (program, ...given) => runWith({}, program, ...given),
		columns(database, table) {
			if (!existsSync(at(database))) return undefined;
			const db = new Sqlite(at(database), {readonly: true});
			try {
				return (db.pragma(`table_info(${table})`) as {readonly name: string}[]).map(({name}) => name);
			} finally {
				db.close();
			}
		},
	};
}

const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof import('better-sqlite3');

/** Creates a project that has the packed lite-migr, as npm installed it. */
export function projectWithLiteMigr(files: Readonly<Record<string, string>> = {}): FreshProject {
	const project = projectWithSqlite(files);
	cpSync(join(installed, 'lite-migr'), project.at('node_modules/lite-migr'), {recursive: true});
	return project;
}

/** Creates a project that has better-sqlite3, but not lite-migr. */
export function projectWithSqlite(files: Readonly<Record<string, string>> = {}): FreshProject {
	const project = freshProject({'package.json': '{"private": true}', ...files});
	mkdirSync(project.at('node_modules'), {recursive: true});
	symlinkSync(join(installed, 'better-sqlite3'), project.at('node_modules/better-sqlite3'), 'dir');
	return project;
}

const installed = join(process.env.INSTALLED ?? '', 'node_modules');

/** Runs a program without the variables that a test runner or a package manager sets. */
async function runIn(cwd: string, environment: Readonly<Record<string, string>>, program: string, given: readonly string[]): Promise<Finished> {
	const isOurs = (name: string) => /^(?:npm_|VITEST|TEST|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$)/.test(name);
	const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
	const path = [join(tools, '.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
	const child = spawn(program, given, {
		cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...inherited, PATH: path, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...environment},
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text;
		});
	return await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({code, output}));
	});
}

/** Two migrations in TypeScript: they create the table user with the columns of `userColumns`. */
export const migrations = {
	'migrations/20260101_000000_user.ts': `import type {MigrationBuilder} from 'lite-migr';

export function upgrade(op: MigrationBuilder) {
	op.createTable(\`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)\`);
}

export function downgrade(op: MigrationBuilder) {
	op.dropTable('user');
}
`,
	// The constant makes it code, which has to be imported. The first one can be read.
	'migrations/20260102_000000_age.ts': `import type {MigrationBuilder} from 'lite-migr';

const column: string = 'age INTEGER';

export function upgrade(op: MigrationBuilder) {
	op.addColumn('user', column);
}

export function downgrade(op: MigrationBuilder) {
	op.dropColumn('user', 'age');
}
`,
} as const;

export const userColumns = ['id', 'name', 'age'];

/** The same two migrations in SQL. */
export const sqlMigrations = {
	'migrations/20260101_000000_user.sql':
		'-- upgrade\nCREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n-- downgrade\nDROP TABLE user;\n',
	'migrations/20260102_000000_age.sql': '-- upgrade\nALTER TABLE user ADD COLUMN age INTEGER;\n-- downgrade\nALTER TABLE user DROP COLUMN age;\n',
} as const;

const body = `async function main() {
	for await (const event of apply({database: 'app.db', migrationsDir: 'migrations'})) {
		if (event.type === 'failed') throw new Error([event.message, ...event.details, event.hint].join(' | '));
		if (event.type === 'migrationDone') console.log('applied ' + event.migration);
	}
}
main().catch((error) => {
	console.error(error.message);
	process.exitCode = 1;
});
`;

/** A program that applies `migrations/` to `app.db`, as an ES module and in CommonJS. */
export const program = {esm: `import {apply} from 'lite-migr';\n${body}`, cjs: `const {apply} = require('lite-migr');\n${body}`} as const;

/** What the program prints, if it applies both migrations and nothing warns. */
export const bothApplied: Finished = {code: 0, output: 'applied 20260101_000000_user\napplied 20260102_000000_age\n'};

export const toml = '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n';
