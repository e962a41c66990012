import {existsSync} from 'node:fs';
import {basename, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {checksumOf, filesIn, kindOf, type MigrationFile, readText, requireNoHalf} from './list.ts';

/** The folder in `migrations_dir` with the downgrades. wrangler reads only files whose name ends with `.sql`, not folders. */
export const wranglerDowngrades = 'down';

/**
 * Lists the migrations of a folder that `wrangler d1 migrations apply` runs, in wrangler's order. Empty if the folder does not exist.
 *
 * @throws MigrError `migration` for a file that wrangler would ignore, or would run in a different order than its name says
 */
export function listWranglerMigrations(directory: string): readonly MigrationFile[] {
	const names = filesIn(directory).filter((file) => kindOf(file) !== undefined && !/^\.|\.d\.[mc]?ts$/.test(file));
	const files = names
		.flatMap((file): readonly MigrationFile[] => {
			const path = resolve(directory, file);
			requireRunnable(file, path);
			requireNoHalf(file, path);
			const read = readText(path);
			if (read === undefined) return [];
			const downgrade = resolve(directory, wranglerDowngrades, file);
			return [
				{
					...read,
					name: basename(file, '.sql'),
					kind: 'wrangler',
					checksum: checksumOf(read.text),
					...(existsSync(downgrade) ? {downgrade: readText(downgrade)} : {}),
				},
			];
		})
		.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
	const wrong = files.find(({name}, index) => numberOf(name) > numberOf(files[index + 1]?.name ?? name));
	if (wrong === undefined) return files;
	throw new MigrError('migration', `wrangler sorts migrations by number, so ${wrong.name} would not run in the order of the names`, {
		location: {file: wrong.path},
		hint: 'give all numbers the same length, for example 0001',
	});
}

/**
 * Returns the name of a new migration: the next number in wrangler's folder, as `wrangler d1 migrations create` chooses it.
 *
 * @param existing the names of all existing migrations
 */
export function nextWranglerName(name: string, existing: readonly string[]): string {
	const highest = existing.reduce((number, other) => Math.max(number, numberOf(other) || 0), 0);
	return `${String(highest + 1).padStart(4, '0')}_${name}`;
}

function numberOf(name: string): number {
	return Number.parseInt(name, 10);
}

function requireRunnable(file: string, path: string): void {
	if (!file.endsWith('.sql')) {
		throw new MigrError('migration', `wrangler does not run ${file}: it runs only .sql files`, {
			location: {file: path},
			hint: 'write the migration as SQL, or move the file out of migrations_dir',
		});
	}
	if (/^\d/.test(file)) return;
	throw new MigrError('migration', `${file} is not a migration: its name does not start with a number, but wrangler would run it`, {
		location: {file: path},
		hint: 'rename it, for example to 0001_start.sql, or move it out of migrations_dir',
	});
}
