import {describe, expect, test} from 'vitest';
import {quoted} from '../../source/core/schema/identifiers.ts';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const names = [
	'it\'s "x"',
	'a`b',
	'select',
	"x'); DROP TABLE log; --",
	'[y]',
	'tw\no\r\nlines',
	'👩‍👧 ünï',
	'%s',
	'main.user',
	'x/* y',
	'\x1b[2J',
	'n'.repeat(200),
];

/** Returns a parent and a child with these names, and every kind of object that can contain a name. */
function schema(parent: string, child: string, type: string): string {
	const [p, c, key, column] = [parent, child, `${child} key`, `${parent} value`].map(quoted) as [string, string, string, string];
	return `CREATE TABLE ${p} (${key} INTEGER PRIMARY KEY AUTOINCREMENT, ${column} ${type} CHECK (${column} <> ${p}.${key}));
CREATE TABLE ${c} (${column} INTEGER, ${key} ${type}, FOREIGN KEY (${column}) REFERENCES ${p} (${key}) ON DELETE CASCADE);
CREATE UNIQUE INDEX ${quoted(`${parent} index`)} ON ${p} (${column}) WHERE ${column} IS NOT NULL;
CREATE VIEW ${quoted(`${parent} view`)} AS SELECT ${p}.${column} FROM ${p} JOIN ${c} ON ${c}.${column} = ${p}.${key};
CREATE TRIGGER ${quoted(`${parent} trigger`)} AFTER INSERT ON ${p} BEGIN UPDATE ${c} SET ${key} = new.${column} WHERE ${column} = new.${key}; END;
CREATE TABLE log (x);
`;
}

describe.each(formats)('pitfall 35: in a .%s migration', (format) => {
	test.each(names.map((name, index) => [name, names[(index + 1) % names.length] as string]))(
		'a table, column, index, view and trigger named with %j are rewritten correctly',
		async (parent, child) => {
			const [p, c] = [quoted(parent), quoted(child)];
			const rows = `INSERT INTO ${p} VALUES (5, '7'), (9, '8'); INSERT INTO ${c} VALUES (5, '07'), (9, 'x'), (5, NULL); INSERT INTO log VALUES (1);`;
			const project = modelsAndDatabase(schema(parent, child, 'TEXT') + rows, schema(parent, child, 'INTEGER'), format);
			const {strategies, findings} = await project.migrate({}, true);
			if (format === 'ts') expect(strategies.filter((strategy) => strategy === 'rewrite')).toHaveLength(2);
			// Statements of a .sql file are measured instead.
			expect(findings.map(({kind, rows: found}) => `${kind} ${found}`)).toEqual(format === 'ts' ? ['convert 1', 'incompatible 1'] : []);
			expect(project.rows(p, [`${child} key`, `${parent} value`].map(quoted).join(', '))).toEqual(['integer 5 | integer 7', 'integer 9 | integer 8']);
			expect(project.rows(c, [`${parent} value`, `${child} key`].map(quoted).join(', '))).toEqual([
				'integer 5 | integer 7',
				'integer 5 | null NULL',
				"integer 9 | text 'x'",
			]);
			project.exec(`INSERT INTO ${p} VALUES (NULL, '44')`);
			expect(project.value(`SELECT max(${quoted(`${child} key`)}) FROM ${p}`)).toBe(10);
			expect(project.value('SELECT count(*) FROM log')).toBe(1);
			expect(project.all('PRAGMA integrity_check')).toEqual([{integrity_check: 'ok'}]);
			expect((await project.downgrade(true)).last.type).toBe('done');
		},
	);
});
