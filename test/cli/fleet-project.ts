import {copyFileSync, mkdirSync} from 'node:fs';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

export const start = '20260101_000000_start';
export const names = '20260102_000000_names';
export const titles = '20260103_000000_titles';

const tables = [
	'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT)',
	'CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id), title TEXT)',
];

/** A project with databases in `tenants/`. */
export interface FleetProject extends ProjectFolder {
	/** Runs a function on one database. */
	tenant<T>(name: string, work: (db: Database) => T): T;
	/** Returns the names of all applied migrations of one database. */
	appliedIn(name: string): readonly string[];
}

/**
 * Creates databases at the migration `start`, with rows, and two pending migrations that rewrite a table each.
 *
 * @param tenants the names of the databases, without `.db`
 */
export async function fleetProject(tenants: readonly string[]): Promise<FleetProject> {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': `${tables.join(';\n').replace('name TEXT', 'name TEXT COLLATE NOCASE').replace('title TEXT', "title TEXT DEFAULT ''")};\n`,
	});
	const file = (name: string) => project.at(`tenants/${name}.db`);
	project.migration(start, tables.map((sql) => `\top.createTable('${sql}');`).join('\n'), "\top.dropTable('post');\n\top.dropTable('user');");
	const first = await project.lite('upgrade');
	if (first.code !== 0) throw new Error(first.stderr);
	project.exec(`INSERT INTO user VALUES (1, 'Ann', '41'), (2, 'bob', NULL); INSERT INTO post VALUES (1, 1, 'one'), (2, 2, NULL), (3, 1, 'two')`);
	const change = (table: string, from: string, to: string) =>
		[`\top.changeTable('${table}', \`${to}\`);`, `\top.changeTable('${table}', \`${from}\`);`] as const;
	const [user = '', post = ''] = tables;
	project.migration(names, ...change('user', user, user.replace('name TEXT', 'name TEXT COLLATE NOCASE')));
	project.migration(titles, ...change('post', post, post.replace('title TEXT', "title TEXT DEFAULT ''")));
	mkdirSync(project.at('tenants'));
	for (const name of tenants) copyFileSync(project.file, file(name));
	const tenant = <T>(name: string, work: (db: Database) => T): T => {
		const db = openDatabase(file(name));
		try {
			return work(db);
		} finally {
			db.close();
		}
	};
	return Object.defineProperties(
		{
			tenant,
			appliedIn: (name: string) => tenant(name, (db) => db.tuples('SELECT name FROM _lite_migr ORDER BY id').map(([one]) => String(one))),
		},
		Object.getOwnPropertyDescriptors(project),
	) as unknown as FleetProject;
}

/** The lines of JSON that a command printed. */
export function linesOf(stdout: string): readonly Record<string, unknown>[] {
	return stdout
		.trim()
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line));
}
