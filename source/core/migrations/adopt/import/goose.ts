import type {FolderReader} from './foreign-migration.ts';
import {markedFiles, section, storedValues} from './sql-files.ts';

const up = /^\s*--\s*\+goose\s+up\b/i;
const down = /^\s*--\s*\+goose\s+down\b/i;
const statementMarks = /^\s*--\s*\+goose\s+(statementbegin|statementend|no transaction|envsub (on|off)).*$/gim;

/** https://pressly.github.io/goose/documentation/annotations/ */
export const readGoose: FolderReader = (folder, db) => {
	const files = markedFiles(folder, up, '-- +goose Up', 'goose');
	if (files.length === 0) return undefined;
	// The table has a row for every change of a version's state. The last one counts.
	const applied = storedValues(
		db,
		'goose_db_version',
		'version_id',
		' AS "v" WHERE is_applied AND id = (SELECT max(id) FROM goose_db_version WHERE version_id = "v".version_id)',
	);
	return {
		tool: 'goose',
		migrations: files.map(({name, text, version}) => {
			const back = section(text, down, [up])?.replace(statementMarks, '').trim();
			return {
				name,
				up: (section(text, up, [down]) ?? '').replace(statementMarks, '').trim(),
				...(back === undefined || back === '' ? {} : {down: back}),
				isApplied: applied.includes(String(version)),
			};
		}),
	};
};
