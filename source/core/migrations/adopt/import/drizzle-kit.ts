import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import type {FolderReader, ForeignMigration} from './foreign-migration.ts';
import {readMigrationText, storedValues} from './sql-files.ts';

interface Journal {
	readonly entries: readonly {readonly tag: string; readonly when: number}[];
}

/**
 * Reads the output of drizzle-kit generate. Up to 0.31, it consists of files listed in `meta/_journal.json`. In 1.0, each migration is a folder with a
 * `migration.sql`. The migrator records the time of each applied migration. All migrations up to the newest recorded time are applied. For Cloudflare
 * D1, wrangler applies the files and records their names in its own table.
 */
export const readDrizzleKit: FolderReader = (folder, db) => {
	const journal = join(folder, 'meta', '_journal.json');
	const migrations = existsSync(journal) ? fromJournal(folder, journal, db) : fromFolders(folder, db);
	return migrations.length === 0 ? undefined : {tool: 'Drizzle', migrations};
};

function fromJournal(folder: string, journal: string, db: Database): readonly ForeignMigration[] {
	const newest = Math.max(-1, ...storedValues(db, '__drizzle_migrations', 'created_at').map(Number));
	const byWrangler = storedValues(db, 'd1_migrations', 'name');
	return entriesOf(journal).map(({tag, when}) => {
		const file = join(folder, `${tag}.sql`);
		if (!existsSync(file))
			throw new MigrError('migration', `${tag}.sql is listed in the journal, but missing`, {location: {file: journal}, hint: 'restore the file'});
		return {name: tag, up: withoutBreakpoints(readMigrationText(file)), isApplied: when <= newest || byWrangler.includes(`${tag}.sql`)};
	});
}

function entriesOf(journal: string): Journal['entries'] {
	try {
		const {entries} = JSON.parse(readFileSync(journal, 'utf8')) as Journal;
		if (Array.isArray(entries) && entries.every(({tag, when}) => typeof tag === 'string' && typeof when === 'number')) return entries;
	} catch (cause) {
		throw new MigrError('migration', 'the journal of drizzle-kit cannot be read', {
			location: {file: journal},
			hint: 'regenerate it with drizzle-kit',
			cause,
		});
	}
	throw new MigrError('migration', 'the journal of drizzle-kit does not have the expected format', {
		location: {file: journal},
		hint: 'regenerate it with drizzle-kit',
	});
}

function fromFolders(folder: string, db: Database): readonly ForeignMigration[] {
	const names = readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isDirectory() && /^\d{14}_/.test(entry.name) && existsSync(join(folder, entry.name, 'migration.sql')))
		.map(({name}) => name)
		.sort();
	const known = storedValues(db, '__drizzle_migrations', 'name');
	const newest = Math.max(-1, ...storedValues(db, '__drizzle_migrations', 'created_at').map(Number));
	return names.map((name) => ({
		name,
		up: withoutBreakpoints(readMigrationText(join(folder, name, 'migration.sql'))),
		isApplied: known.includes(name) || timeOf(name) <= newest,
	}));
}

function timeOf(name: string): number {
	const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_/.exec(name) ?? [];
	return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function withoutBreakpoints(text: string): string {
	return text.replaceAll('--> statement-breakpoint', '').trim();
}
