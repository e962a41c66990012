import {readdirSync} from 'node:fs';

/** Returns the names of the files in a folder that are databases by their name, sorted. */
export function databaseFiles(folder: string): readonly string[] {
	return readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isFile() && /\.(db|db3|sqlite|sqlite3)$/i.test(entry.name))
		.map(({name}) => name)
		.sort();
}
