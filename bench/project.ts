import {closeSync, cpSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
export const bin = join(repository, 'dist', 'cli.js');
export const node = process.execPath;

const folders: string[] = [];
process.on('exit', () => {
	for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** Creates an empty folder that is removed when the process exits. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-bench-'));
	folders.push(folder);
	return folder;
}

/** Creates a lite-migr project with models in SQL, and a copy of `database` if one is passed. */
export function project(models: string, database?: string): string {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'models'));
	mkdirSync(join(folder, 'migrations'));
	writeFileSync(
		join(folder, 'migrate.toml'),
		'[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\nbackup = "never"\n',
	);
	writeModels(folder, models);
	if (database !== undefined) copyDatabase(database, join(folder, 'app.db'));
	return folder;
}

/** Copies a database and syncs the copy to disk. Otherwise the measured commit would have to wait for that. */
export function copyDatabase(from: string, to: string): void {
	cpSync(from, to);
	const file = openSync(to, 'r+');
	fsyncSync(file);
	closeSync(file);
}

export function writeModels(folder: string, models: string): void {
	writeFileSync(join(folder, 'models', 'schema.sql'), models);
}
