import type {FolderReader} from './foreign-migration.ts';
import {markedFiles, section, storedValues} from './sql-files.ts';

const up = /^\s*--\s*migrate:up\b/i;
const down = /^\s*--\s*migrate:down\b/i;

/** https://github.com/amacneil/dbmate#creating-migrations */
export const readDbmate: FolderReader = (folder, db) => {
	const files = markedFiles(folder, up, '-- migrate:up', 'dbmate');
	if (files.length === 0) return undefined;
	const applied = storedValues(db, 'schema_migrations', 'version');
	return {
		tool: 'dbmate',
		migrations: files.map(({name, text}) => {
			const back = section(text, down, [up])?.trim();
			return {
				name,
				up: (section(text, up, [down]) ?? '').trim(),
				...(back === undefined || back === '' ? {} : {down: back}),
				isApplied: applied.includes(/^\d+/.exec(name)?.[0] ?? ''),
			};
		}),
	};
};
