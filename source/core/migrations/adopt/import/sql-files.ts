import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../../errors.ts';
import {quoted} from '../../../schema/identifiers.ts';
import type {Database} from '../../../sqlite/database.ts';
import {fileProblem} from '../../../text/file-problem.ts';
import {firstBadLine} from '../../../text/utf8.ts';

export interface SqlFile {
	readonly name: string;
	readonly path: string;
	readonly text: string;
	/** The number at the start of the name. 0 if there is none. */
	readonly version: bigint;
}

/** Returns the `.sql` files of a folder, sorted by the number at the start of their names. */
export function sqlFiles(folder: string): readonly SqlFile[] {
	try {
		return readdirSync(folder, {withFileTypes: true})
			.filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
			.map(({name}) => ({
				name: name.slice(0, -4),
				path: join(folder, name),
				text: readMigrationText(join(folder, name)),
				version: BigInt(/^\d+/.exec(name)?.[0] ?? 0),
			}))
			.sort((a, b) => (a.version < b.version ? -1 : a.version > b.version ? 1 : a.name < b.name ? -1 : 1));
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		throw new MigrError('usage', `the folder ${folder} cannot be read: ${fileProblem(cause)}`, {
			hint: "pass the folder of the other tool's migrations",
			cause,
		});
	}
}

/** Reads a file without its byte order mark, which would hide a marker on the first line. */
export function readMigrationText(path: string): string {
	const bytes = readFileSync(path);
	const line = firstBadLine(bytes);
	if (line === undefined) return bytes.toString('utf8').replace(/^\ufeff/, '');
	throw new MigrError('migration', 'the migration is not UTF-8 text', {
		location: {file: path, line},
		hint: 'save it as UTF-8; if the other tool is still in use, do so in a copy of the folder, and import the copy',
	});
}

/** Returns the values of a column of another tool's table. Empty if the table or the column does not exist. */
export function storedValues(db: Database, table: string, column: string, where = ''): readonly string[] {
	const exists = db.value('SELECT count(*) FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE', table, column) === 1;
	if (!exists) return [];
	return db.all(`SELECT CAST(${quoted(column)} AS TEXT) AS "value" FROM ${quoted(table)}${where}`).map(({value}) => String(value));
}

/** Returns the text between a marker and the next of the other markers, each on its own line. Undefined if there is no such marker. */
export function section(text: string, marker: RegExp, others: readonly RegExp[]): string | undefined {
	const lines = text.split(/\r?\n/);
	const start = lines.findIndex((line) => marker.test(line));
	if (start === -1) return undefined;
	const length = lines.slice(start + 1).findIndex((line) => others.some((other) => other.test(line)));
	return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/**
 * Returns the numbered files of a folder whose tool marks the start of a migration. Empty if no file has the mark: the folder is not this tool's.
 *
 * @throws MigrError `migration` for a numbered file without the mark: skipping it would change what the folder builds
 */
export function markedFiles(folder: string, marker: RegExp, written: string, tool: string): readonly SqlFile[] {
	const isMarked = ({text}: SqlFile) => text.split(/\r?\n/).some((line) => marker.test(line));
	const files = sqlFiles(folder);
	const marked = files.filter(isMarked);
	const bare = files.find((file) => /^\d/.test(file.name) && !isMarked(file));
	if (marked.length === 0 || bare === undefined) return marked;
	throw new MigrError('migration', `${bare.name}.sql has no ${written}, so ${tool} does not run it`, {
		location: {file: bare.path},
		hint: `add ${written} above its statements, or move the file out of the folder`,
	});
}
