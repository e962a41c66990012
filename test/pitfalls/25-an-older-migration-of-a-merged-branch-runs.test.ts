import {expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';

const up = (body: string) => `export function upgrade(op) { ${body} }\n`;

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
