import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {freshProject, toml} from './fresh-project.ts';

const packed = process.env.PACKED ?? '';
const fixtures = join(import.meta.dirname, '../core/models/drizzle/fixtures');
const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof import('better-sqlite3');

/** A version of drizzle-orm with the drizzle-kit of its time, and the schemas that both read in the same way. */
interface Version {
	readonly orm: string;
	readonly kit: string;
	readonly generate: readonly string[];
	readonly schemas: readonly string[];
	/** Tables that this drizzle-kit creates incorrectly. */
	readonly wrong?: readonly string[];
}

const generate = ['generate', '--dialect', 'sqlite', '--schema', './models/schema.ts', '--out', './drizzle'];

const versions: readonly Version[] = [
	{
		orm: '0.29.5',
		kit: '0.20.18',
		generate: ['generate:sqlite', ...generate.slice(3)],
		schemas: ['shop-029.ts'],
		// A JSON default becomes [object Object], and the columns of a primary key are sorted.
		wrong: ['organisation', 'membership'],
	},
	{orm: '0.33.0', kit: '0.24.2', generate, schemas: ['shop-029.ts']},
	{orm: '0.36.4', kit: '0.28.1', generate, schemas: ['shop.ts', 'shop-029.ts']},
	{orm: '0.40.1', kit: '0.30.6', generate, schemas: ['shop.ts', 'shop-029.ts']},
	{orm: '0.44.7', kit: '0.31.11', generate, schemas: ['shop.ts', 'shop-029.ts']},
	{orm: '0.45.4', kit: '0.31.11', generate, schemas: ['shop.ts', 'shop-029.ts']},
	{orm: '1.0.0-beta.21', kit: '1.0.0-beta.21', generate, schemas: ['shop.ts']},
	{orm: '1.0.0-rc.5', kit: '1.0.0-rc.5', generate, schemas: ['shop.ts', 'shop-029.ts']},
];

/** Returns the statements of the migration that drizzle-kit wrote. */
function statementsIn(folder: string): readonly string[] {
	const files = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.sql'));
	return files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint'));
}

describe.each(versions)('drizzle-orm $orm', ({orm, kit, generate: command, schemas, wrong = []}) => {
	test('is installed with lite-migr without a conflict, and a database that its drizzle-kit creates shows no difference', async () => {
		const project = freshProject({'package.json': '{"private": true, "type": "module"}', 'migrate.toml': toml});
		const packages = [packed, `drizzle-orm@${orm}`, `drizzle-kit@${kit}`];
		const {code, output} = await project.run('npm', 'install', '--save-dev', '--no-audit', '--no-fund', ...packages);
		expect({code, output}).toMatchObject({code: 0});
		expect(output).not.toMatch(/ERESOLVE|warn.*lite-migr/);
		const lite = project.at('node_modules/.bin/lite-migr');
		for (const schema of schemas) {
			project.write('models/schema.ts', readFileSync(join(fixtures, schema), 'utf8'));
			const out = `./drizzle-${schema.replace('.ts', '')}`;
			const made = await project.run(project.at('node_modules/.bin/drizzle-kit'), ...command.with(-1, out));
			expect({schema, ...made}).toMatchObject({schema, code: 0});
			const database = `${schema.replace('.ts', '')}.db`;
			const db = new Sqlite(project.at(database));
			for (const statement of statementsIn(project.at(out))) db.exec(statement);
			db.close();
			const {code: diffed, output: json} = await project.run(lite, 'diff', '--json', '--db', database);
			const changed = JSON.parse(json).operations.map((operation: {readonly table?: string}) => operation.table ?? operation);
			expect({schema, diffed, changed}).toEqual({schema, diffed: 0, changed: wrong});
		}
	});
});
