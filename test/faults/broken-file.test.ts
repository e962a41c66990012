import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {digestOf, leftovers, stateOf} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 5000});

const broken: Readonly<Record<string, {readonly spoil: (file: string) => void; readonly message: RegExp}>> = {
	'truncated in the middle': {spoil: (file) => truncateSync(file, 8192), message: /^✗ app\.db is truncated: it should have \d+ bytes and has 8192\n/},
	'truncated within a page': {spoil: (file) => truncateSync(file, 9000), message: /^✗ app\.db is truncated: it should have \d+ bytes and has 9000\n/},
	'truncated within its header': {
		spoil: (file) => truncateSync(file, 50),
		message: /^✗ app\.db is not a SQLite database: it looks like another kind of file\n/,
	},
	'a text file': {
		spoil: (file) => writeFileSync(file, 'db_path = "./app.db"\n'),
		message: /^✗ app\.db is not a SQLite database: it looks like a text file\n/,
	},
	encrypted: {
		spoil: (file) => writeFileSync(file, randomBytes(16_384)),
		message: /^✗ app\.db is not a SQLite database: it looks like an encrypted database, or no database at all\n/,
	},
	'a few bytes': {spoil: (file) => writeFileSync(file, 'abc'), message: /^✗ app\.db is not a SQLite database: it looks like a text file\n/},
	'a single byte': {spoil: (file) => writeFileSync(file, 'x'), message: /^✗ app\.db is not a SQLite database: it looks like a text file\n/},
	'a header and nothing else': {
		spoil: (file) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 100), Buffer.alloc(4)])),
		message: /^✗ app\.db is truncated: /,
	},
	'a file with a schema that cannot be read': {spoil: spoilSchema, message: /^✗ app\.db is damaged: malformed database schema \(note\)/},
	'a file with a damaged page': {
		spoil: (file) => {
			const bytes = readFileSync(file);
			const table = rootOf(file, 'item');
			writeFileSync(file, Buffer.concat([bytes.subarray(0, (table - 1) * 4096), Buffer.alloc(4096, 7), bytes.subarray(table * 4096)]));
		},
		message: /^✗ app\.db is damaged\n/,
	},
	'a folder': {
		spoil: (file) => {
			rmSync(file);
			mkdirSync(file);
		},
		message: /^✗ \S*app\.db is a folder, not a database file\n/,
	},
	'a pipe': {
		spoil: (file) => {
			rmSync(file);
			execFileSync('mkfifo', [file]);
		},
		message: /^✗ \S*app\.db is not a file\n/,
	},
};

function spoilSchema(file: string): void {
	const bytes = readFileSync(file);
	const at = bytes.indexOf('CREATE TABLE note');
	bytes.write('CREATE TABEL note', at);
	writeFileSync(file, bytes);
}

function rootOf(file: string, table: string): number {
	const db = openDatabase(file);
	const root = Number(db.value('SELECT rootpage FROM sqlite_schema WHERE name = ?', table));
	db.close();
	return root;
}

function digest(file: string): string | undefined {
	return statSync(file).isFile() ? digestOf(file) : undefined;
}

describe('a database file', () => {
	test.skipIf(process.platform === 'win32').each(Object.entries(broken))(
		'that is %s is reported as such and left byte for byte unchanged',
		async (_name, {spoil, message}) => {
			const copy = project.copy();
			const good = `${copy.path}/models/good`;
			copyFileSync(copy.file, good);
			spoil(copy.file);
			const before = digest(copy.file);
			for (const command of [['upgrade'], ['upgrade', '--dry-run']]) {
				const {code, stderr} = await copy.lite(...command);
				expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringMatching(message)});
				expect(stderr).toMatch(
					command.length === 1 ? /\n {2}nothing was written: app\.db (?:is unchanged|has no migrations applied)\n {2}\S/ : /app\.db is untouched/,
				);
			}
			expect(digest(copy.file)).toBe(before);
			expect(leftovers(copy.file)).toEqual([]);
			rmSync(copy.file, {recursive: true});
			copyFileSync(good, copy.file);
			rmSync(good);
			await expectUpgrade(copy, project);
		},
	);

	test('that is empty (zero bytes) is treated as a new database', async () => {
		const copy = project.copy();
		writeFileSync(copy.file, '');
		copy.write(
			'migrations/20260101_000000_price.ts',
			"export function upgrade(op) { op.createTable('CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT)'); }",
		);
		copy.remove('migrations/20260102_000000_city.ts');
		expect(await copy.lite('status')).toMatchObject({code: 0, stderr: ''});
		expect(await copy.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
		expect(stateOf(copy.file)).toMatchObject({damage: [], contents: expect.stringContaining('CREATE TABLE owner')});
	});

	test('that a failed first upgrade created is removed again, unless another process has opened it in the meantime', async () => {
		const copy = project.copy();
		rmSync(copy.file);
		copy.remove('migrations/20260102_000000_city.ts');
		const failing = (code: string) =>
			copy.write(
				'migrations/20260101_000000_price.ts',
				`import {openSync} from 'node:fs';
				export function upgrade(op) {
					op.createTable('CREATE TABLE t (x NOT NULL)');
					op.execute('INSERT INTO t VALUES (zeroblob(9000000))');
					op.run(() => { ${code} });
					op.execute('INSERT INTO t VALUES (NULL)');
				}`,
			);
		failing('');
		expect(await copy.builtLite('upgrade')).toMatchObject({code: 1, stderr: expect.stringContaining('NOT NULL constraint failed')});
		expect([existsSync(copy.file), leftovers(copy.file)]).toEqual([false, []]);
		failing(`globalThis.kept = openSync(${JSON.stringify(copy.file)}, 'r');`);
		expect((await copy.builtLite('upgrade')).code).toBe(1);
		expect(statSync(copy.file).size).toBe(0);
		failing('');
		expect((await copy.builtLite('upgrade')).code).toBe(1);
		expect(statSync(copy.file).size).toBe(0);
	});

	test('that is missing is reported by every command that needs one', async () => {
		const copy = project.copy();
		rmSync(copy.file);
		for (const command of ['pull', 'baseline x', 'squash x', 'downgrade']) {
			expect(await copy.lite(...command.split(' '))).toMatchObject({
				code: 1,
				stderr: expect.stringMatching(/^✗ no database at \S*app\.db\n/),
			});
		}
		expect(leftovers(copy.file)).toEqual([]);
	});
});
