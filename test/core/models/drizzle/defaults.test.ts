import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import {generations, project, statements} from './project.ts';

/** Imports a module from a file in the project, since the project's drizzle-orm can only be found from there. */
async function inProject<Module>(folder: string, file: string): Promise<Module> {
	return (await import(pathToFileURL(join(folder, file)).href)) as Module;
}

interface Rows {
	insertBoth(create: readonly string[]): {readonly stored: Record<string, string>[]; readonly read: object[]};
}

/** One row with defaults from the database and one row written by drizzle-orm, as SQLite stores them and as drizzle-orm reads them. */
const rows = `
import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
import {drizzle} from 'drizzle-orm/better-sqlite3';
import {defaults, values} from './defaults.ts';

export function insertBoth(create) {
	const client = new Database(':memory:');
	for (const sql of create) client.exec(sql);
	client.exec('INSERT INTO defaults DEFAULT VALUES');
	const db = drizzle({client});
	db.insert(defaults).values(values).run();
	const columns = client.pragma('table_info(defaults)').map(({name}) => \`typeof("\${name}") || ' ' || quote("\${name}") AS "\${name}"\`);
	return {stored: client.prepare(\`SELECT \${columns.join(', ')} FROM defaults\`).all(), read: db.select().from(defaults).all()};
}
`;

describe.each(generations)('with drizzle-orm of generation %s', (generation) => {
	test('a default stores the same value that drizzle-orm writes, in every mode', async () => {
		const folder = project(generation, {'defaults.ts': undefined, 'rows.js': rows});
		const {insertBoth} = await inProject<Rows>(folder, 'rows.js');
		const {stored, read} = insertBoth((await statements(folder, 'defaults.ts')).map(({sql}) => sql));
		expect(Object.keys(stored[0] ?? {}).length).toBeGreaterThan(25);
		expect(stored[0]).toEqual(stored[1]);
		expect(read[0]).toEqual(read[1]);
	});
});
