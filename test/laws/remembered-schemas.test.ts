import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {MigrError} from '../../source/core/errors.ts';
import {migrationsIn} from '../../source/core/migrations/files/source.ts';
import {builtDatabase, builtSchema} from '../../source/core/migrations/replay/built-schema.ts';
import {schemaDifferences} from '../../source/core/migrations/replay/schema-differences.ts';
import type {Schema} from '../../source/core/schema/schema.ts';

const runs = Number(process.env.LAWS ?? 30);
// Without LAWS, the cases are always the same, so a failure is caused by the change.
const seed = process.env.LAWS === undefined ? {seed: 20261130} : {};

/** The bodies that a migration may have. Most of them depend on earlier migrations, so some histories fail. */
const statements: readonly string[] = [
	'CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)',
	'CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, y)',
	'CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, a_id INTEGER REFERENCES a)',
	"ALTER TABLE a ADD COLUMN z TEXT NOT NULL DEFAULT 'x  \n'",
	'ALTER TABLE a RENAME TO c',
	'ALTER TABLE c RENAME TO a',
	'ALTER TABLE a RENAME COLUMN x TO w',
	'CREATE INDEX i ON a (x)',
	'CREATE VIEW v AS SELECT x FROM a',
	'CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END',
	'DROP TABLE IF EXISTS a',
	'DROP INDEX IF EXISTS i',
	'DROP VIEW IF EXISTS v',
	'INSERT INTO a (id) VALUES (1)',
	"INSERT INTO a (id) SELECT 2 WHERE date('now') > '2000-01-01'",
	'INSERT INTO b (a_id) VALUES (7)',
	'DELETE FROM b',
	'CREATE TABLE d AS SELECT 1 AS n',
	'ALTER TABLE d ADD COLUMN m NOT NULL',
	'CREATE VIRTUAL TABLE f USING fts5(n)',
	'DROP TABLE IF EXISTS f',
];

type Format = 'sql' | 'ts' | 'code';

interface Edit {
	readonly kind: 'add' | 'edit' | 'remove' | 'rename' | 'whitespace' | 'damage' | 'swap';
	/** Chooses the file. */
	readonly at: number;
	readonly statement: string;
	readonly format: Format;
	readonly ending: string;
}

const edits = fc.array(
	fc.record({
		kind: fc.constantFrom('add', 'add', 'add', 'add', 'edit', 'remove', 'rename', 'whitespace', 'damage', 'swap'),
		at: fc.nat(50),
		statement: fc.constantFrom(...statements),
		format: fc.constantFrom('sql', 'sql', 'ts', 'ts', 'code'),
		ending: fc.constantFrom('\n', '\n', '\r\n', '  \n'),
	}) as fc.Arbitrary<Edit>,
	{minLength: 4, maxLength: 24},
);

function textOf({statement, format, ending}: Edit): string {
	if (format === 'sql') return `${statement};\n`.replaceAll('\n', ending);
	const call = `op.execute(${JSON.stringify(statement)});`;
	// The condition makes it code, whose operations are not known from the text.
	return `export function upgrade(op) {\n\t${format === 'code' ? 'if (op !== undefined) ' : ''}${call}\n}\n`;
}

/** Changes the files of a project, or the remembered schemas. */
function make(edit: Edit, folder: string, memory: string, next: () => number): void {
	const files = readdirSync(folder).sort();
	const chosen = files[edit.at % Math.max(1, files.length)];
	const path = (name: string) => join(folder, name);
	const extension = edit.format === 'sql' ? 'sql' : 'ts';
	if (edit.kind === 'add' || chosen === undefined) {
		writeFileSync(path(`${1000 + next()}_${edit.format}.${extension}`), textOf(edit));
		return;
	}
	switch (edit.kind) {
		case 'edit':
			rmSync(path(chosen));
			writeFileSync(path(`${chosen.split('.')[0]}.${extension}`), textOf(edit));
			return;
		case 'remove':
			rmSync(path(chosen));
			return;
		case 'rename': {
			const text = readFileSync(path(chosen));
			rmSync(path(chosen));
			writeFileSync(path(`${500 + next()}_${chosen}`), text);
			return;
		}
		// The checksum in the history ignores it, but it may be part of a literal.
		case 'whitespace':
			writeFileSync(path(chosen), readFileSync(path(chosen), 'utf8').replaceAll(/[ \r]*\n/g, edit.ending));
			return;
		case 'damage':
		case 'swap':
			damage(edit, memory);
	}
}

/** Tears an entry, changes a character of it, or replaces it with another one. */
function damage({kind, at}: Edit, memory: string): void {
	const entries = readdirSync(memory).filter((name) => name.endsWith('.json'));
	const name = entries[at % Math.max(1, entries.length)];
	if (name === undefined) return;
	const text = readFileSync(join(memory, name), 'utf8');
	const other = entries[(at + 1) % entries.length] ?? name;
	const place = text.length - 10 - (at % 20);
	if (kind === 'swap') writeFileSync(join(memory, name), readFileSync(join(memory, other)));
	else if (at % 2 === 0) writeFileSync(join(memory, name), text.slice(0, place));
	else writeFileSync(join(memory, name), `${text.slice(0, place)}${text[place] === 'x' ? 'y' : 'x'}${text.slice(place + 1)}`);
}

async function outcome<T>(work: () => Promise<T>): Promise<T | string> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof MigrError) return `${error.message} ${JSON.stringify(error.location)}`;
		throw error;
	}
}

function expectSame(remembered: Schema | string | undefined, fresh: Schema | string | undefined): void {
	if (typeof remembered === 'object' && typeof fresh === 'object') expect(schemaDifferences(fresh, remembered)).toEqual([]);
	else expect(remembered).toEqual(fresh);
}

describe('a remembered schema', () => {
	test(
		`is the schema of a fresh replay, after ${runs} sequences of edits, renames, deletions, additions and damage`,
		async () => {
			let used = 0;
			await fc.assert(
				fc.asyncProperty(edits, async (list) => {
					const folder = mkdtempSync(join(tmpdir(), 'lite-migr-memory-'));
					const [migrations, memory] = [join(folder, 'migrations'), join(folder, 'memory')];
					try {
						for (const path of [migrations, memory]) mkdirSync(path);
						let count = 0;
						for (const edit of list) {
							make(edit, migrations, memory, () => count++);
							const before = readdirSync(memory).length;
							const remembering = () => migrationsIn(migrations, undefined, {folder: memory, minWeight: 0});
							const fresh = () => migrationsIn(migrations);
							const files = fresh().list();
							const schema = async (source: typeof fresh) => (await builtSchema(source(), files)).schema;
							expectSame(await outcome(() => schema(remembering)), await outcome(() => schema(fresh)));
							const [one, other] = [await outcome(() => builtDatabase(remembering(), files)), await outcome(() => builtDatabase(fresh(), files))];
							if (typeof one === 'string' || typeof other === 'string') expect(one).toEqual(other);
							else {
								expect(one.problems.map(({message, location}) => [message, location])).toEqual(
									other.problems.map(({message, location}) => [message, location]),
								);
								expectSame(one.schema, other.schema);
							}
							// The second time, nothing new is remembered.
							if (readdirSync(memory).length === before) used += 1;
						}
					} finally {
						rmSync(folder, {recursive: true});
					}
				}),
				{numRuns: runs, ...seed, endOnFailure: true},
			);
			expect(used).toBeGreaterThan(runs / 2);
		},
		runs * 5000,
	);
});
