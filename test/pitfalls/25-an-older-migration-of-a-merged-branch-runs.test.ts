import {expect, test} from 'vitest';
import {hashIn} from '../../source/core/operations/written-for.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {projectFolder, toml} from '../project-folder.ts';

const up = (body: string) => `export function upgrade(op) { ${body} }\n`;

test('pitfall 25: an older migration that conflicts with an applied one is reported by status and check, with the file to remove', async () => {
	const change = (sql: string, from: string) => up(`op.changeTable('a', \`${sql}\`, {from: '${from}'});`);
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE a (x TEXT NOT NULL, y);\n',
		'migrations/20260101_000000_a.ts': up("op.createTable('CREATE TABLE a (x TEXT)');"),
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	const hash = project.database((db) => hashIn(introspect(db), 'a')) as string;
	project.write('migrations/20260103_000000_b.ts', change('CREATE TABLE a (x TEXT NOT NULL)', hash));
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);
	project.write('migrations/20260102_000000_late.ts', up("op.addColumn('a', 'y');"));

	const hint = 'remove the file of 20260102_000000_late, which would undo other changes, and run lite-migr create <name> again';
	const {stdout: status} = await project.lite('status');
	expect(status).toContain(hint);
	expect(status).not.toContain('pending: lite-migr upgrade');
	const {code, stdout: checked} = await project.lite('check');
	expect({code, hints: checked.split('\n').filter((line) => line.startsWith('  '))}).toEqual({
		code: 4,
		hints: ['    20260102_000000_late', `  ${hint}`],
	});
	expect((await project.lite('upgrade')).stderr).toContain(hint);

	const {code: codeOfNew, stderr} = await project.lite('check', '--db', 'new.db');
	expect({code: codeOfNew, stderr}).toEqual({
		code: 1,
		stderr: expect.stringContaining('20260103_000000_b was written for a different definition of a\n'),
	});
	expect(stderr).toContain('20260102_000000_late changed a after that');
});

test('pitfall 25: an older migration from a merged branch is not skipped: it is reported, and applied if the order makes no difference', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE a (x);\nCREATE TABLE b (x);\nCREATE TABLE late (x);\n',
		'migrations/20260101_000000_a.ts': up("op.createTable('CREATE TABLE a (x)');"),
		'migrations/20260103_000000_b.ts': up("op.createTable('CREATE TABLE b (x)');"),
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	project.write('migrations/20260102_000000_late.ts', up("op.createTable('CREATE TABLE late (x)');"));

	expect((await project.lite('status')).stdout).toMatch(/20260102_000000_late +pending, older than the last applied migration\n/);
	const {code, stdout} = await project.lite('check', '--json');
	expect({code, kinds: JSON.parse(stdout).problems.map(({kind}: {readonly kind: string}) => kind)}).toEqual({code: 4, kinds: ['outOfOrder']});
	const {stdout: output, ...rest} = await project.lite('upgrade');
	expect(rest).toEqual({code: 0, stderr: ''});
	expect(output).toContain('! 20260102_000000_late is older than 20260103_000000_b, which is already applied; the order makes no difference\n');
	expect(project.database((db) => db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'late'"))).toBe(1);
	expect((await project.lite('check')).code).toBe(0);
});
