import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const models = {
	ts: {
		file: 'user.ts',
		text: `import {integer, table, text} from 'lite-migr';

export const user = table('user', {
	id: integer().primaryKey(),
	name: text().notNull(),
});
`,
	},
	sql: {
		file: 'schema.sql',
		text: `CREATE TABLE user (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);
`,
	},
} as const;

/** Writes a first model and returns its path. Returns undefined if the file already exists. */
export function firstModel(folder: string, language: keyof typeof models): string | undefined {
	const {file, text} = models[language];
	const path = join(folder, file);
	if (existsSync(path)) return undefined;
	mkdirSync(folder, {recursive: true});
	writeFileSync(path, text, {flag: 'wx'});
	return path;
}
