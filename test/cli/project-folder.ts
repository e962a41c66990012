import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {builtLite, type Finished, type RunOptions} from './built-bin.ts';
import {lite} from './lite.ts';

/** A project in a temporary folder, removed when the test ends. */
export interface ProjectFolder {
	readonly path: string;
	/** Runs a command in the folder, in this process. */
	lite(...argv: readonly string[]): Promise<Finished>;
	/** Runs the built command in the folder, in a process of its own. */
	builtLite(...argv: readonly string[]): Promise<Finished>;
	builtLiteWith(options: RunOptions, ...argv: readonly string[]): Promise<Finished>;
	write(file: string, text: string): void;
	read(file: string): string;
	remove(file: string): void;
	files(folder: string): readonly string[];
	/** Runs a function on app.db, creating it if it does not exist. */
	database<T>(work: (db: Database) => T): T;
}

export function projectFolder(files: Readonly<Record<string, string>> = {}): ProjectFolder {
	const path = mkdtempSync(join(tmpdir(), 'lite-migr-'));
	onTestFinished(() => rmSync(path, {recursive: true, force: true}));
	const write = (file: string, text: string) => {
		mkdirSync(dirname(join(path, file)), {recursive: true});
		writeFileSync(join(path, file), text);
	};
	for (const [file, text] of Object.entries(files)) write(file, text);
	return {
		path,
		lite: (...argv) => lite(path, argv),
		builtLite: (...argv) => builtLite(path, argv),
		builtLiteWith: (options, ...argv) => builtLite(path, argv, options),
		write,
		remove: (file) => rmSync(join(path, file)),
		read: (file) => readFileSync(join(path, file), 'utf8'),
		files: (folder) => readdirSync(join(path, folder)).toSorted(),
		database(work) {
			const db = openDatabase(join(path, 'app.db'), {create: true});
			try {
				return work(db);
			} finally {
				db.close();
			}
		},
	};
}

export const toml = '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n';
