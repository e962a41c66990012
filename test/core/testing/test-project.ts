import {spawn} from 'node:child_process';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {DriverConnections, DriverName} from '../../../source/core/sqlite/driver/driver-connections.ts';
import {openMigrated} from '../../../source/core/testing/migrated-database.ts';
import type {TestDatabaseOptions} from '../../../source/core/testing/options.ts';
import {builtBin} from '../../cli/built-bin.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';

/** A project whose templates are stored in its own `node_modules`. */
export interface TestProject extends ProjectFolder {
	/** The folder of the stored templates. */
	readonly store: string;
	/** Opens a database as `migratedDatabase` does in the folder of the project. */
	migrated<Driver extends DriverName = 'better-sqlite3'>(options?: TestDatabaseOptions<Driver>): Promise<DriverConnections[Driver]>;
	/** Returns the names of the stored templates. */
	stored(): readonly string[];
	/** Runs an ES module in the folder, in its own process. `migratedDatabase` and the other functions of `lite-migr/test` are imported. */
	script(text: string, env?: Readonly<Record<string, string>>): Promise<string>;
}

/** Creates a project for the current test, with `migrate.toml` and these files. */
export function testProject(files: Readonly<Record<string, string>> = {}): TestProject {
	const project = projectFolder({'migrate.toml': toml, ...files});
	mkdirSync(project.at('node_modules'), {recursive: true});
	const store = project.at('node_modules/.cache/lite-migr');
	return Object.assign(Object.create(project) as ProjectFolder, {
		store,
		migrated: <Driver extends DriverName = 'better-sqlite3'>(options: TestDatabaseOptions<Driver> = {}) => openMigrated(options, project.path),
		stored: () => readdirSync(store).filter((name) => name.endsWith('.template')),
		script: (text: string, env = {}) => runScript(project, text, env),
	});
}

let scripts = 0;

async function runScript(project: ProjectFolder, text: string, env: Readonly<Record<string, string>>): Promise<string> {
	const file = project.at(`script-${scripts++}.mjs`);
	writeFileSync(
		file,
		`import {migratedDatabase, migrationTest, reachesToday, releasedDatabases, writeRelease} from ${JSON.stringify(join(dirname(builtBin()), 'test.js'))};\n${text}\n`,
	);
	const child = spawn(process.execPath, ['--no-warnings', file], {
		cwd: project.path,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, ...env},
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (part: string) => {
			output += part;
		});
	}
	const code = await new Promise<number | null>((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	if (code !== 0) throw new Error(`the script ended with ${code}:\n${output}`);
	return output;
}
