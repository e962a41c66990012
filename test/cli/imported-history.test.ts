import {describe, expect, test} from 'vitest';
import {tokenOfAlterColumn} from '../core/local-features.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a TEXT);\n';

/** Creates a database whose migrations were applied by drizzle-kit. The second one has this SQL. */
function drizzleProject(second: string): ProjectFolder {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': table,
		'drizzle/meta/_journal.json': JSON.stringify({entries: [0, 1].map((when) => ({tag: `000${when}_m`, when}))}),
		'drizzle/0000_m.sql': 'CREATE TABLE `t` (`id` integer PRIMARY KEY NOT NULL);',
		'drizzle/0001_m.sql': second,
	});
	project.database((db) =>
		db.exec(
			`${table} INSERT INTO t VALUES (1, 'x'); CREATE TABLE __drizzle_migrations (id, hash, created_at); INSERT INTO __drizzle_migrations VALUES (1, 'x', 1);`,
		),
	);
	return project;
}

const rebuild = (value: string) =>
	`PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE \`__new_t\` (\`id\` integer PRIMARY KEY NOT NULL, \`a\` text);--> statement-breakpoint
INSERT INTO \`__new_t\`("id", "a") SELECT "id", ${value} FROM \`t\`;--> statement-breakpoint
DROP TABLE \`t\`;--> statement-breakpoint
ALTER TABLE \`__new_t\` RENAME TO \`t\`;`;

describe('an imported history that cannot build a new database', () => {
	test.each([
		['a column in double quotes that does not exist', rebuild('"a"'), 6, 'no such column: "a"', rebuild('NULL')],
		[
			'a function of the application',
			'ALTER TABLE t ADD a text;\nUPDATE t SET a = slug(a);',
			5,
			'no such function: slug',
			'ALTER TABLE t ADD a text;',
		],
		[
			'the ALTER COLUMN of libSQL',
			'ALTER TABLE t ADD a integer;\nALTER TABLE `t` ALTER COLUMN "a" TO "a" text;',
			5,
			`near "${tokenOfAlterColumn}": syntax error`,
			'ALTER TABLE t ADD a text;',
		],
		[
			'a transaction that is rolled back',
			'ALTER TABLE t ADD a text;\nSAVEPOINT s;\nROLLBACK TO s;',
			5,
			'SAVEPOINT: a migration already runs in a transaction',
			'ALTER TABLE t ADD a text;',
		],
	])('is adopted, and the import reports the failing line and how to fix it: %s', async (_what, second, line, message, fixed) => {
		const project = drizzleProject(second);
		const {code, stdout, stderr} = await project.lite('baseline', '--from', 'drizzle');
		expect({code, stderr}).toEqual({code: 0, stderr: ''});
		expect(stdout).toContain('! these migrations cannot build a new database yet');
		expect(stdout).toContain(`✗ ${message}`);
		expect(stdout).toContain(`│ migrations/0001_m.sql:${line}\n`);
		expect(stdout).toContain('after editing the file, run lite-migr baseline 0001_m');
		expect(project.database((db) => db.all('SELECT * FROM t'))).toEqual([{id: 1, a: 'x'}]);

		expect((await project.lite('upgrade', '--db', 'new.db')).code).toBe(1);
		expect((await project.lite('check')).code).not.toBe(0);

		// Follow the hint.
		const text = project.read('migrations/0001_m.sql');
		project.write(
			'migrations/0001_m.sql',
			`${text.slice(0, text.indexOf('-- upgrade'))}-- upgrade\n${fixed.replaceAll('--> statement-breakpoint', '')}\n`,
		);
		expect(await project.lite('baseline', '0001_m')).toMatchObject({
			code: 0,
			stderr: '',
			stdout: expect.stringMatching(/^✔ recorded the edited file of 0001_m/),
		});
		expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0, stderr: ''});
		expect(project.database((db) => db.all('SELECT * FROM t'))).toEqual([{id: 1, a: 'x'}]);
	});

	test('is reported in JSON by baseline and check, and can be accepted in migrate.toml', async () => {
		const project = drizzleProject(rebuild('"a"'));
		const problem = {
			code: 'migration',
			message: expect.stringContaining('no such column: "a"'),
			location: {line: 6},
			hint: expect.stringContaining("'a'"),
		};
		expect(JSON.parse((await project.lite('baseline', '--from', 'drizzle', '--json')).stdout)).toMatchObject({
			applied: ['0000_m', '0001_m'],
			newDatabaseProblems: [problem],
		});
		const checked = await project.lite('check', '--json');
		expect(checked.code).toBe(4);
		expect(JSON.parse(checked.stdout)).toMatchObject({
			ok: false,
			problems: [{kind: 'newDatabase', items: [expect.stringMatching(/^migrations\/0001_m\.sql:6: no such column/)]}],
		});
		project.write('migrate.toml', `${toml}new_databases = false\n`);
		expect(await project.lite('check')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('accepted by new_databases = false in migrate.toml'),
		});
	});

	test('is not reported if a migration is only wrapped in BEGIN and COMMIT: these are removed with a notice', async () => {
		const project = drizzleProject('BEGIN TRANSACTION;\nALTER TABLE t ADD a text;\nCOMMIT;');
		expect((await project.lite('baseline', '--from', 'drizzle')).stdout).toContain('0001_m: BEGIN and COMMIT were removed');
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0});
	});

	test('is not recorded after an edit that builds another schema', async () => {
		const project = drizzleProject('ALTER TABLE t ADD a text;');
		await project.lite('baseline', '--from', 'drizzle');
		expect(await project.lite('baseline', '0001_m')).toMatchObject({code: 1, stderr: expect.stringContaining('is already applied')});
		project.write('migrations/0001_m.sql', '-- upgrade\nALTER TABLE t ADD b text;\n');
		expect(await project.lite('baseline', '0001_m')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('do not build the schema of the database'),
		});
		expect(JSON.parse((await project.lite('status', '--json')).stdout)).toMatchObject({edited: ['0001_m']});
	});
});

test('check reports the line on which upgrade of a new database would fail, in migrations written with lite-migr', async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': table, 'migrations/1_a.sql': table});
	await project.lite('upgrade');
	project.write('migrations/2_b.sql', '-- upgrade\nUPDATE t SET a = "draft";\n');
	for (const argv of [['check'], ['check', '--db', 'none.db']]) {
		expect(await project.lite(...argv)).toMatchObject({code: 4, stdout: expect.stringContaining('migrations/2_b.sql:2: no such column: "draft"')});
	}
});
