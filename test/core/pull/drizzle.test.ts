import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, test} from 'vitest';
import {readStatement, schemaOf} from '../../../source/core/ddl/read.ts';
import {splitStatements} from '../../../source/core/ddl/split.ts';
import {pulledDrizzle} from '../../../source/core/pull/drizzle.ts';
import {pullModels} from '../../../source/core/pull/pull.ts';
import {sameSchema, sameTable} from '../../../source/core/schema/equality.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';
import {type Generation, generations, kitSchema, ourSchema, project} from '../models/drizzle/project.ts';

function schemaFrom(sql: string): Schema {
	return schemaOf(splitStatements(sql).flatMap(({text}) => readStatement(text) ?? []));
}

async function readBack(generation: Generation, text: string): Promise<Schema> {
	return ourSchema(project(generation, {'pulled.ts': text}), 'pulled.ts');
}

const modules = join(import.meta.dirname, '../../../node_modules');

const handWritten = `
CREATE TABLE "user" (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	email VARCHAR(80) NOT NULL COLLATE NOCASE,
	"first name" TEXT DEFAULT 'it''s',
	boss_id REFERENCES "user",
	best_post INTEGER REFERENCES post(id) ON DELETE SET NULL,
	active BOOLEAN DEFAULT TRUE,
	price DECIMAL(10, 2) NOT NULL DEFAULT 1.50,
	logo BLOB,
	loud TEXT AS (upper(email)) STORED,
	CONSTRAINT email_long CHECK (length(email) > 3 AND email <> '\\n')
);
CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES "user"(id) ON UPDATE RESTRICT ON DELETE CASCADE, "class" TEXT, "index" REAL DEFAULT 0.5);
CREATE UNIQUE INDEX post_class_unique ON post ("class");
CREATE TABLE "index" (post INTEGER, name TEXT, PRIMARY KEY (post, name));
CREATE INDEX index_name ON "index" (name COLLATE NOCASE DESC, post DESC, lower(name)) WHERE name LIKE '\`%\${x}';
CREATE VIEW lonely AS SELECT id, upper(email) AS shout FROM "user";
`;

const notRepresentable = `
CREATE TABLE a (x INTEGER CONSTRAINT filled NOT NULL UNIQUE, y TEXT, CONSTRAINT a_key PRIMARY KEY (y DESC), CHECK (x > 0)) STRICT;
CREATE TABLE b (p INTEGER, q INTEGER REFERENCES nowhere(id), PRIMARY KEY (p, q),
	CONSTRAINT to_a FOREIGN KEY (p) REFERENCES a(x) DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID;
`;

describe.each(generations)('for drizzle-orm of generation %s', {timeout: 120_000}, (generation) => {
	test('a schema created by drizzle-kit is pulled completely', async () => {
		for (const file of ['shop.ts', 'camel.ts']) {
			const schema = await kitSchema(project(generation, {[file]: undefined}), file);
			const {text, rest, limitations} = pulledDrizzle(schema, generation);
			expect(limitations).toEqual([]);
			expect(rest).toEqual([]);
			const again = await readBack(generation, text);
			for (const table of schema.tables) {
				expect(again.tables.find(({name}) => name === table.name)?.name, text).toBe(table.name);
				expect(
					sameTable(table, again.tables.find(({name}) => name === table.name)!),
					`${table.sql}\n${again.tables.find(({name}) => name === table.name)?.sql}`,
				).toBe(true);
			}

			expect(sameSchema(schema, again)).toBe(true);
		}
	});

	test('pulled models are for the drizzle-orm of the project, and are verified by reading them back', async () => {
		const folder = project(generation, {});
		const schema = schemaFrom('CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT UNIQUE); CREATE VIRTUAL TABLE words USING fts5(word);');
		const {files, limitations, differences} = await pullModels(schema, 'drizzle', join(folder, 'models'));
		expect(files.map(({name}) => name)).toEqual(['schema.ts', 'beside-drizzle.sql']);
		expect(limitations).toEqual(generation === 0 ? ['a: UNIQUE (b), which drizzle-orm 0.45 turns into the unique index a_b_unique'] : []);
		// What drizzle-orm 0.45 cannot state is not a difference.
		expect(differences).toEqual([]);
	});

	test('pulled models pass the type checker, including circular references', async () => {
		const shop = await kitSchema(project(generation, {'shop.ts': undefined}), 'shop.ts');
		const folder = project(generation, {
			'shop-again.ts': pulledDrizzle(shop, generation).text,
			'hand.ts': pulledDrizzle(schemaFrom(handWritten), generation).text,
			'tsconfig.json': JSON.stringify({
				compilerOptions: {
					strict: true,
					noEmit: true,
					module: 'nodenext',
					target: 'es2024',
					skipLibCheck: true,
					types: ['node'],
					typeRoots: [join(modules, '@types')],
				},
				files: ['shop-again.ts', 'hand.ts'],
			}),
		});
		const {stdout} = await promisify(execFile)(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', folder]).catch(
			(error: {stdout: string}) => error,
		);
		expect(stdout).toBe('');
	});

	test('virtual tables, triggers and views with column lists are left to SQL', () => {
		const {text, rest} = pulledDrizzle(
			schemaFrom(`
				CREATE TABLE a (id INTEGER PRIMARY KEY);
				CREATE VIRTUAL TABLE words USING fts5(word);
				CREATE VIEW pairs(x, y) AS SELECT id, id FROM a;
				CREATE TRIGGER after_a AFTER INSERT ON a BEGIN SELECT 1; END;
			`),
			generation,
		);
		expect(text).toBe(
			"import {integer, sqliteTable} from 'drizzle-orm/sqlite-core';\n\nexport const a = sqliteTable('a', {\n\tid: integer('id').primaryKey(),\n});\n",
		);
		expect(rest.map(({name}) => name)).toEqual(['words', 'pairs', 'after_a']);
	});
});

test('pulled models are easy to read', () => {
	expect(pulledDrizzle(schemaFrom(handWritten), 0).text).toBe(readFileSync(join(import.meta.dirname, 'fixtures/hand-written.drizzle.txt'), 'utf8'));
});

test('reports the features that drizzle-orm 0.45 does not support', () => {
	const {limitations} = pulledDrizzle(schemaFrom(notRepresentable), 0);
	expect(limitations.map(({object, what}) => `${object}: ${what}`).sort()).toEqual(
		[
			'a: STRICT',
			'a: COLLATE or DESC in the primary key',
			'a: the name of the primary key (not supported by drizzle-orm 0.45)',
			'a: UNIQUE (x), which drizzle-orm 0.45 turns into the unique index a_x_unique',
			'a.x: the name or the conflict clause of NOT NULL',
			'a: an unnamed CHECK, which gets a name: x > 0',
			'b: WITHOUT ROWID',
			'b: the name of FOREIGN KEY (p) (not supported by drizzle-orm 0.45)',
			'b: DEFERRABLE INITIALLY DEFERRED of FOREIGN KEY (p)',
			'b: FOREIGN KEY (q), omitted because nowhere (id) does not exist',
		].sort(),
	);
});

test('reports the features that drizzle-orm 1 does not support', () => {
	const {limitations} = pulledDrizzle(schemaFrom(notRepresentable), 1);
	expect(limitations.map(({object, what}) => `${object}: ${what}`).sort()).toEqual([
		'a.x: the name or the conflict clause of NOT NULL',
		'a: COLLATE or DESC in the primary key',
		'a: STRICT',
		'a: an unnamed CHECK, which gets a name: x > 0',
		'b: DEFERRABLE INITIALLY DEFERRED of FOREIGN KEY (p)',
		'b: FOREIGN KEY (q), omitted because nowhere (id) does not exist',
		'b: WITHOUT ROWID',
		'b: an unnamed primary key, which gets the name b_pk',
	]);
});
