import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const tricky = `CREATE TABLE "order" (
    id INTEGER PRIMARY KEY, -- CHECK (id > 0), name TEXT
    "check" TEXT DEFAULT 'CHECK (name)', /* name TEXT UNIQUE, */
    name TEXT DEFAULT ' REFERENCES nobody(id) ' CHECK (name <> 'name' AND name NOT IN ('CONSTRAINT', 'drop name')),
    [unique] TEXT DEFAULT ');' CHECK ([unique] NOT LIKE '%NOT NULL%'),
    \`primary key\` TEXT GENERATED ALWAYS AS (name || ' name; ' || "check") VIRTUAL,
    CONSTRAINT "constraint" CHECK (length(name) > 0 OR name = "check")
);
`;
const rows = `INSERT INTO "order" (id, name) VALUES (1, 'Ann'), (2, 'x''y;');`;

describe.each(formats)('pitfall 36: in a .%s migration', (format) => {
	test('a rename changes the column, and no word in a string, a comment or another name', async () => {
		const models = tricky
			.replace("    name TEXT DEFAULT ' REF", "    label TEXT DEFAULT ' REF")
			.replace("CHECK (name <> 'name' AND name NOT IN", "CHECK (label <> 'name' AND label NOT IN")
			.replace("AS (name || ' name", "AS (label || ' name")
			.replace('length(name) > 0 OR name =', 'length(label) > 0 OR label =');
		const project = modelsAndDatabase(tricky + rows, models, format);
		const {strategies} = await project.migrate({renames: [{table: 'order', column: 'name', to: 'label'}]});
		expect(strategies.filter((strategy) => strategy === 'rewrite')).toEqual([]);
		expect(project.rows('"order"', 'label, "check", [unique], `primary key`')).toEqual([
			"text 'Ann' | text 'CHECK (name)' | text ');' | text 'Ann name; CHECK (name)'",
			"text 'x''y;' | text 'CHECK (name)' | text ');' | text 'x''y; name; CHECK (name)'",
		]);
		expect(() => project.exec(`INSERT INTO "order" (label) VALUES ('drop name')`)).toThrow(/CHECK/);
		expect(
			project.value(
				`SELECT sql LIKE '%-- CHECK (id > 0), name TEXT%' AND sql LIKE '%/* name TEXT UNIQUE, */%' FROM sqlite_schema WHERE name = 'order'`,
			),
		).toBe(1);
	});

	test('a rewrite keeps every string, and the constraints still hold', async () => {
		const project = modelsAndDatabase(tricky + rows, tricky.replace("[unique] TEXT DEFAULT ');'", "[unique] BLOB DEFAULT ');'"), format);
		const {strategies} = await project.migrate({}, true);
		if (format === 'ts') expect(strategies).toContain('rewrite');
		project.exec(`INSERT INTO "order" (id) VALUES (3)`);
		expect(project.rows('"order"', 'name, "check", [unique], `primary key`').at(-1)).toContain("text 'CHECK (name)' | text ');'");
		expect(project.value(`SELECT name FROM "order" WHERE id = 3`)).toBe(' REFERENCES nobody(id) ');
		expect(() => project.exec(`UPDATE "order" SET name = 'CONSTRAINT'`)).toThrow(/CHECK/);
		expect(() => project.exec(`UPDATE "order" SET [unique] = 'is NOT NULL'`)).toThrow(/CHECK/);
	});
});
