import {expect, test} from 'vitest';
import {readColumn, readTable, withoutReadColumn, withReadColumn} from '../../../source/core/ddl/read.ts';
import {withColumn, withoutColumn} from '../../../source/core/operations/definition-text.ts';

const tables = [
	'CREATE TABLE t (a)',
	' \n CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, "ä b" TEXT NOT NULL\n)  ;',
	'CREATE TABLE "t" (\n\ta TEXT REFERENCES p (id) ON DELETE CASCADE,\n\tb TEXT COLLATE NOCASE UNIQUE CHECK (b <> \'),\')\n\t, FOREIGN KEY (b) REFERENCES t (a)) STRICT, WITHOUT ROWID',
	'CREATE TABLE t (a PRIMARY KEY, b AS (a || 1), UNIQUE (b, a) CONSTRAINT c CHECK (a > 0))',
	'CREATE TABLE t (a, -- @renamed from=b\n c /* , */ )',
];
const definitions = [
	'x',
	'x INTEGER NOT NULL DEFAULT 0',
	'"x y" TEXT COLLATE NOCASE',
	"x decimal(10, 2) DEFAULT (1 + ')')",
	'x INTEGER REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED',
	'x AS (a + 1)',
	'x CONSTRAINT n NOT NULL ON CONFLICT IGNORE',
];

test.each(tables.flatMap((table) => definitions.map((definition) => [table, definition] as const)))(
	'a table with a new column is the same as one that is read from its text: %j, %j',
	(sql, definition) => {
		const table = readTable(sql);
		const first = withReadColumn(table, definition, readColumn(definition));
		const second = first && withReadColumn(first, 'z TEXT', readColumn('z TEXT'));
		if (first !== undefined) expect(first).toEqual(readTable(withColumn(table.sql, definition)));
		if (first !== undefined) expect(second).toEqual(readTable(withColumn(first.sql, 'z TEXT')));
		for (const [added, name] of [
			[first, 'x'],
			[second, 'z'],
		] as const) {
			const dropped = added && withoutReadColumn(added);
			if (dropped !== undefined) expect(dropped).toEqual(readTable(withoutColumn(added?.sql ?? '', added?.columns.at(-1)?.name ?? name)));
			if (name === 'z') expect(dropped === undefined).toBe(added === undefined || /--|\/\*/.test(sql));
		}
		expect(first === undefined).toBe(sql.includes('@renamed') || (sql.includes('REFERENCES') && definition.includes('REFERENCES')));
	},
);

test('a column with a comment in its default is read from the text, because a comment may be about a name', () => {
	const definition = 'x DEFAULT (1 /* @renamed from=b */)';
	expect(withReadColumn(readTable('CREATE TABLE t (a)'), definition, readColumn(definition))).toBeUndefined();
});

test('a column with a key or a check is read from the text', () => {
	const table = readTable('CREATE TABLE t (a)');
	for (const definition of ['x UNIQUE', 'x CHECK (x > 0)', 'x PRIMARY KEY']) {
		expect(withReadColumn(table, definition, readColumn(definition))).toBeUndefined();
	}
});
