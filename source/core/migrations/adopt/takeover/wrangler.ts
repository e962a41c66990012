import type {FolderReader} from './foreign-migration.ts';
import {sqlFiles, storedValues} from './sql-files.ts';

/** https://developers.cloudflare.com/d1/reference/migrations/: plain files, in the order of their numbers; there is no way down. */
export const readWrangler: FolderReader = (folder, db) => {
	const files = sqlFiles(folder).filter(({name}) => /^\d+_/.test(name));
	if (files.length === 0) return undefined;
	const applied = storedValues(db, 'd1_migrations', 'name');
	return {tool: 'wrangler (D1)', migrations: files.map(({name, text}) => ({name, up: text.trim(), isApplied: applied.includes(`${name}.sql`)}))};
};
