import {describe, expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';

const owners = `CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT);
	INSERT INTO o VALUES (1, 'one', 'n1'), (2, 'two', 'n2'); INSERT INTO p VALUES (10, 1, 'a'), (20, 2, 'b'), (30, NULL, 'c');`;

function start(database: string, models: string) {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
	project.database((db) => db.exec(database));
	return project;
}

describe('create with a column that moves to another table', () => {
	test.each(['ts', 'sql'])('writes the fill before the drop, and upgrade keeps the values, in a .%s file', async (format) => {
		const project = start(
			owners,
			'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		);
		const flags = ['--drop', 'o.s', '--fill', 'p.s=(SELECT s FROM o WHERE o.id = p.o_id)', '--format', format];
		expect((await project.lite('create', 'move', ...flags)).code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT id, s FROM p'))).toEqual([
			[10, 'one'],
			[20, 'two'],
			[30, null],
		]);
		expect(project.database((db) => db.value("SELECT count(*) FROM pragma_table_xinfo('o') WHERE name = 's'"))).toBe(0);
		expect((await project.lite('diff')).stdout).toMatch(/^✔ no differences/);
	});

	test('keeps the values of two tables that exchange a column', async () => {
		const project = start(
			owners,
			'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT, x TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, s TEXT);',
		);
		const fills = ['--fill', 'p.s=(SELECT s FROM o WHERE o.id = o_id)', '--fill', 'o.x=(SELECT x FROM p WHERE o_id = o.id)'];
		expect((await project.lite('create', 'move', '--drop', 'o.s', '--drop', 'p.x', ...fills)).code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT p.id, s, x FROM p LEFT JOIN o ON o.id = o_id ORDER BY 1'))).toEqual([
			[10, 'one', 'a'],
			[20, 'two', 'b'],
			[30, null, null],
		]);
	});

	test('rejects fills that depend on each other, and writes nothing', async () => {
		const project = start(
			owners,
			'CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n TEXT, y TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, y TEXT);',
		);
		const fills = ['--fill', 'p.y=(SELECT y FROM o)', '--fill', 'o.y=(SELECT y FROM p)'];
		const {code, stderr} = await project.lite('create', 'circle', ...fills);
		expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining("the fills of o.y and p.y depend on each other's changes")});
	});
});

test('a hand-written migration that fills from a column it has already dropped is rejected with the line and the column', async () => {
	const project = start(
		owners,
		'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
	);
	project.write(
		'migrations/20260101_000000_move.ts',
		"export function upgrade(op: any) {\n\top.dropColumn('o', 's');\n\top.addColumn('p', 's TEXT', {fill: '(SELECT s FROM o WHERE o.id = p.o_id)'});\n}\n",
	);
	const {code, stderr} = await project.lite('upgrade', '--yes');
	expect(code).toBe(1);
	expect(stderr).toContain('the fill of p.s reads o.s, which an earlier operation drops or renames');
	expect(stderr).toContain('20260101_000000_move.ts:3');
	expect(project.database((db) => db.value('SELECT count(s) FROM o'))).toBe(2);
});

describe('annotated renames', () => {
	const table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 'a1', 'b1');";

	test('of a swap are applied once: check passes before and after the upgrade, and after it is undone', async () => {
		const swap = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, -- @renamed from=b\nb TEXT -- @renamed from=a\n);';
		const project = start(table, swap.replaceAll(/-- @renamed from=./g, ''));
		expect((await project.lite('baseline', 'start')).code).toBe(0);
		project.write('models/schema.sql', swap);
		expect((await project.lite('check')).code).toBe(4);
		expect((await project.lite('create', 'swap')).code).toBe(0);
		expect((await project.lite('create', 'again')).stdout).toMatch(/no differences/);
		expect((await project.lite('upgrade')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT a, b FROM t'))).toEqual([['b1', 'a1']]);
		expect((await project.lite('check')).code).toBe(0);
		expect((await project.lite('downgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT a, b FROM t'))).toEqual([['a1', 'b1']]);
	});

	test('of a swap are an error after a squash has replaced its migration, unless flags answer them', async () => {
		const swap = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, -- @renamed from=b\nb TEXT -- @renamed from=a\n);';
		const project = start(table, swap.replaceAll(/-- @renamed from=./g, ''));
		expect((await project.lite('baseline', 'start')).code).toBe(0);
		project.write('models/schema.sql', swap);
		expect((await project.lite('create', 'swap')).code).toBe(0);
		expect((await project.lite('upgrade')).code).toBe(0);
		expect((await project.lite('squash', 'all', '--yes')).code).toBe(0);
		const {code, stderr} = await project.lite('create', 'again');
		expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringContaining('may have replaced the migration that did it')});
		expect((await project.lite('create', 'again', '--rename', 't.a=b', '--rename', 't.b=a')).code).toBe(0);
	});

	test('to the name of a dropped column require only the flag for the drop', async () => {
		const project = start(table, 'CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT -- @renamed from=a\n);');
		expect((await project.lite('create', 'take')).code).toBe(3);
		expect((await project.lite('create', 'take', '--drop', 't.b')).code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT * FROM t'))).toEqual([[1, 'a1']]);
		expect((await project.lite('diff')).stdout).toMatch(/^✔ no differences/);
	});

	test('that contradict each other are reported with the file, the line and a fix', async () => {
		const project = start(table, 'CREATE TABLE t (id INTEGER PRIMARY KEY,\n\ta TEXT,\n\tc TEXT, -- @renamed from=a\n\tb TEXT);');
		const {code, stderr} = await project.lite('create', 'names');
		expect(code).toBe(1);
		expect(stderr).toContain('t.c is marked as renamed from a, but the models still have t.a');
		expect(stderr).toContain('--rename t.a=c');
		expect(stderr).toContain('schema.sql:3');
		expect((await project.lite('create', 'names', '--rename', 't.a=c')).code).toBe(0);
	});
});

test('upgrade asks for consent before a REAL rounds an integer, and shows what it becomes', async () => {
	const project = start(
		'CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, i INTEGER); INSERT INTO t VALUES (1, 9007199254740993, 9223372036854775807), (2, 5, 5);',
		'CREATE TABLE t (id INTEGER PRIMARY KEY, n REAL, i REAL);',
	);
	expect((await project.lite('create', 'reals')).code).toBe(0);
	const {code, stdout} = await project.lite('upgrade', '--json');
	expect(code).toBe(3);
	const findings = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? (JSON.parse(line).findings ?? []) : []));
	expect(findings.map(({column, rows, destructive}: {column: string; rows: number; destructive: boolean}) => [column, rows, destructive])).toEqual([
		['n', 1, true],
		['i', 1, true],
	]);
	expect(project.database((db) => db.value('SELECT n FROM t WHERE id = 1'))).toBe('9007199254740993');
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);
});
