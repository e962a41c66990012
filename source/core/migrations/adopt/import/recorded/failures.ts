import {MigrError} from '../../../../errors.ts';
import {clean} from '../../../../text/clean.ts';
import {thrownText} from '../../../../text/thrown.ts';
import {lineOf} from '../../../files/load-module.ts';
import type {CodeTool} from './code-tool.ts';
import type {NotRecorded} from './record-migration.ts';

interface File {
	readonly name: string;
	readonly path: string;
}

const withoutHistory =
	'to start from the current database without its history, run lite-migr baseline <name>: its tables become the first migration, and no table is changed';

/** Explains why a migration cannot be written as SQL. */
export function notRecorded({kind, error, rowsRead}: NotRecorded, file: File, {tool}: CodeTool): MigrError {
	const {name, path} = file;
	const location = {file: path, line: error === undefined ? undefined : lineOf(error, file)};
	const details = ['nothing was written, and the database is unchanged'];
	const cause = error;
	switch (kind) {
		case 'failed': {
			const reads =
				rowsRead.size === 0 ? [] : [`before that, it reads rows of ${[...rowsRead].map(clean).join(', ')}, which a new database does not have`];
			return new MigrError('migration', `${clean(name)} fails on a new database: ${clean(firstLine(thrownText(error)))}`, {
				location,
				details: [...reads, ...details],
				hint: `fix it so that ${tool} can build a new database\n${withoutHistory}`,
				cause,
			});
		}
		case 'notRepeatable':
			return new MigrError('migration', `${clean(name)} behaves differently in each run, so it cannot be imported`, {
				location,
				details: [...(error === undefined ? [] : [`another run fails: ${clean(firstLine(thrownText(error)))}`]), ...details],
				hint: `apply it with ${tool}\n${withoutHistory}`,
				cause,
			});
		case 'unknownDriver':
			return new MigrError('migration', `${clean(name)} stores numbers that depend on the driver, and it is unknown which one ${tool} uses`, {
				location,
				details: ['better-sqlite3 stores 1 as 1.0 in a column that is not numeric, and sqlite3 as 1', ...details],
				hint: "write client: 'better-sqlite3' or client: 'sqlite3' into the knexfile, or add the driver to package.json",
			});
		case 'otherSchema':
			return new MigrError('migration', `${clean(name)} builds a different schema if only its statements run`, {
				location,
				details,
				hint: withoutHistory,
			});
	}
}

/** Refuses a pending migration whose code depends on rows: on an empty database, it behaves differently than it would in this one. */
export function dependsOnRows(tables: ReadonlySet<string>, file: File, {tool, latest}: CodeTool): MigrError {
	return new MigrError('migration', `${clean(file.name)} is pending, and what it does depends on the rows of ${[...tables].map(clean).join(', ')}`, {
		location: {file: file.path},
		details: ['lite-migr can only see what it does on an empty database', 'nothing was written, and the database is unchanged'],
		hint: `apply it with ${tool} first (${latest}), and run the import again`,
	});
}

/** Refuses a pending migration that behaves differently in this database than in a new one, because the schemas differ. */
export function dependsOnSchema(differences: readonly string[], file: File, {tool, latest}: CodeTool): MigrError {
	return new MigrError('migration', `${clean(file.name)} is pending, and it behaves differently in this database than in a new one`, {
		location: {file: file.path},
		details: [
			`the applied migrations build a different schema than the database has: ${differences.join(', ')}`,
			'nothing was written, and the database is unchanged',
		],
		hint: `apply it with ${tool} first (${latest}), and run the import again`,
	});
}

/** Refuses an applied migration that depends on more rows than a file can compare. */
export function tooManyRows(tables: ReadonlySet<string>, {name, path}: File): MigrError {
	return new MigrError('migration', `${clean(name)} depends on the rows of ${[...tables].map(clean).join(', ')}, which earlier migrations insert`, {
		location: {file: path},
		details: [
			'there are too many rows to check in a migration file whether another database has the same ones',
			'nothing was written, and the database is unchanged',
		],
		hint: withoutHistory,
	});
}

function firstLine(text: string): string {
	return text.split('\n', 1)[0] ?? '';
}
