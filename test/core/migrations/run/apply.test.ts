import {existsSync, readdirSync, statSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {listBackups} from '../../../../source/core/migrations/backup/backup-files.ts';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {apply} from '../../../../source/core/migrations/run/apply.ts';
import {nativeOf} from '../../../../source/core/sqlite/connection.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();

const {run, done, failed} = runnerFor(project);

const tables = () =>
	project.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name").map(({name}) => name);
const applied = () => project.all('SELECT name FROM _lite_migr ORDER BY id').map(({name}) => name);
const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT)';
const a = '20240101_000000_a';
const b = '20240102_000000_b';
const c = '20240103_000000_c';

describe('an upgrade', () => {
	test('creates the database, applies everything in one transaction and records it', async () => {
		project.migration(a, `op.createTable('${user}');`, `op.dropTable('user');`);
		project.migration(
			b,
			`op.addColumn('user', 'city TEXT'); op.execute('INSERT INTO user (name) VALUES (?)', ['Ann']); op.run(({db}) => { db.prepare('UPDATE user SET city = ?').run('X'); });`,
		);
		const events = await run();
		expect(events.map(({type}) => type).filter((type) => type !== 'progress')).toEqual([
			'start',
			'preflight',
			'migrationStart',
			'stepStart',
			'stepDone',
			'migrationDone',
			'migrationStart',
			...['stepStart', 'stepDone', 'stepStart', 'stepDone', 'stepStart', 'stepDone'],
			'effects',
			'migrationDone',
			'done',
		]);
		expect(events.at(-1)).toMatchObject({
			currentMigration: b,
			backup: null,
			applied: [
				{name: a, steps: 1},
				{name: b, steps: 3},
			],
			undo: [],
		});
		expect(project.all('SELECT name, city FROM user')).toEqual([{name: 'Ann', city: 'X'}]);
		expect(project.all('SELECT name, length(checksum) AS c, tool_version FROM _lite_migr')).toEqual([
			{name: a, c: 64, tool_version: '1.0.0'},
			{name: b, c: 64, tool_version: '1.0.0'},
		]);
		expect((await done()).applied).toEqual([]);
	});

	test('sums up the same work on many tables', async () => {
		const created = Array.from({length: 8}, (_, at) => `op.createTable('CREATE TABLE t${at} (id INTEGER PRIMARY KEY)');`).join(' ');
		project.migration(a, created);
		project.migration(b, `op.addColumn('t1', 'v TEXT'); op.execute('INSERT INTO t3 VALUES (1)'); op.addColumn('t2', 'v TEXT');`);
		const summaries = (await run()).flatMap((event) => (event.type === 'migrationDone' ? [event.summary] : []));
		expect(summaries).toEqual(['t0 and 7 more: instant', 't1: instant; INSERT INTO t3 VALUES (1): 1 row changed; t2: instant']);
	});

	test('creates no file if there is nothing to do', async () => {
		expect(await done()).toMatchObject({currentMigration: null, applied: []});
		expect(existsSync(project.file)).toBe(false);
	});

	test('stops at a target and after a number of steps', async () => {
		for (const name of [a, b, c]) project.migration(name, `op.createTable('CREATE TABLE t_${name} (x)');`);
		expect((await done({to: 'a'})).currentMigration).toBe(a);
		expect((await done({steps: 1})).currentMigration).toBe(b);
		expect(await failed({to: 'nowhere'})).toMatchObject({code: 'usage', state: `nothing was written: app.db is at ${b}`});
		expect((await done({to: c})).currentMigration).toBe(c);
	});

	test('rolls everything back when a statement fails, names it, and a rerun succeeds', async () => {
		project.exec(`CREATE TABLE owner (id INTEGER PRIMARY KEY); INSERT INTO owner VALUES (1)`);
		project.migration(a, `op.createTable('CREATE TABLE extra (id)');`);
		const bad = project.migration(`${b}.sql`, '-- upgrade\nCREATE TABLE q (id);\n\nINSERT INTO owner VALUES (1);\nCREATE TABLE q2 (id);\n');
		const event = await failed();
		expect(event).toMatchObject({
			code: 'hazard',
			message: 'UNIQUE constraint failed: owner.id',
			location: {file: bad, line: 4, table: 'owner'},
			migration: b,
			state: 'everything was rolled back: app.db has no migrations applied',
			committed: [],
		});
		expect(event.details[0]).toBe('INSERT INTO owner VALUES (1): running the statement');
		expect(tables()).toEqual(['owner']);
		project.migration(`${b}.sql`, '-- upgrade\nCREATE TABLE q (id);\n');
		expect((await done()).currentMigration).toBe(b);
		expect(tables()).toEqual(['_lite_migr', 'extra', 'owner', 'q']);
	});

	test('accepts the pragmas of a rebuild by hand, even of one that edits the stored schema, and resets them afterwards', async () => {
		project.exec(
			`${user}; CREATE VIEW names AS SELECT name FROM user; INSERT INTO user VALUES (1, 'Ann', '7'); CREATE TABLE u (x INT); CREATE TABLE w (x INT)`,
		);
		project.migration(
			`${a}.sql`,
			`PRAGMA foreign_keys=OFF;
			CREATE TABLE new_user (id INTEGER PRIMARY KEY, name TEXT, age TEXT DEFAULT '1');
			INSERT INTO new_user SELECT id, name, age FROM user;
			DROP TABLE user;
			PRAGMA legacy_alter_table=ON;
			ALTER TABLE new_user RENAME TO user;
			PRAGMA writable_schema=ON;
			UPDATE sqlite_schema SET sql = 'CREATE TABLE u (x INTEGER)' WHERE name = 'u';
			UPDATE sqlite_schema SET sql = 'CREATE TABLE w (x INTEGER)' WHERE name = 'w';
			PRAGMA writable_schema=RESET;`,
		);
		project.migration(b, `op.renameColumn('user', 'name', 'full_name');`);
		expect((await done({consent: true})).currentMigration).toBe(b);
		expect(project.all('SELECT * FROM names')).toEqual([{full_name: 'Ann'}]);
		expect(project.all("SELECT sql FROM sqlite_schema WHERE name IN ('u', 'w')")).toEqual([
			{sql: 'CREATE TABLE u (x INTEGER)'},
			{sql: 'CREATE TABLE w (x INTEGER)'},
		]);
		expect(project.value('PRAGMA integrity_check')).toBe('ok');
	});

	test('rolls back when the consumer stops taking events', async () => {
		project.migration(a, `op.createTable('CREATE TABLE t (x)'); op.createTable('CREATE TABLE u (x)');`);
		const events = apply({
			database: project.file,
			migrationsDir: project.migrationsDir,
			direction: 'upgrade',
			backup: 'never',
			toolVersion: '',
			consent: true,
		});
		for await (const event of events) if (event.type === 'stepDone') break;
		expect(tables()).toEqual([]);
		expect((await done()).currentMigration).toBe(a);
	});

	test('rolls back when it is cancelled', async () => {
		project.exec(`${user}; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) INSERT INTO user SELECT i, 'x', '5' FROM n`);
		project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)');`);
		const controller = new AbortController();
		const events: ApplyEvent[] = [];
		const options = {
			database: project.file,
			migrationsDir: project.migrationsDir,
			direction: 'upgrade',
			backup: 'never',
			toolVersion: '',
			consent: true,
		} as const;
		for await (const event of apply({...options, signal: controller.signal})) {
			events.push(event);
			if (event.type === 'progress') controller.abort();
		}
		expect(events.at(-1)).toMatchObject({
			type: 'failed',
			code: 'cancelled',
			migration: a,
			state: 'everything was rolled back: app.db has no migrations applied',
		});
		expect(project.value("SELECT count(*) FROM user WHERE typeof(age) = 'text'")).toBe(30_000);
		expect(tables()).toEqual(['user']);
	});
});

describe('consent', () => {
	test('is needed to drop existing columns and tables, even empty ones, and nothing is written without it', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7'), (2, 'Bob', NULL); CREATE TABLE log (x)`);
		project.migration(a, `op.dropColumn('user', 'age'); op.dropTable('log');`);
		const event = await failed();
		expect(event).toMatchObject({code: 'answerNeeded', state: 'nothing was written: app.db has no migrations applied', migration: null});
		expect(event.details).toEqual(['user.age will be dropped with 1 value', 'log will be dropped (no rows)']);
		expect(tables()).toEqual(['log', 'user']);
		const asked: unknown[] = [];
		expect((await done({consent: (findings) => asked.push(...findings.map(({kind}) => kind)) > 0})).currentMigration).toBe(a);
		expect(asked).toEqual(['dropColumn', 'dropTable']);
	});

	test('is not needed to drop what the run itself created', async () => {
		project.migration(a, `op.createTable('${user}'); op.execute("INSERT INTO user VALUES (1, 'Ann', '7')");`);
		project.migration(b, `op.renameTable('user', 'person'); op.addColumn('person', 'city TEXT');`);
		project.migration(c, `op.dropColumn('person', 'age'); op.dropTable('person');`);
		expect((await done()).currentMigration).toBe(c);
	});

	test.each([
		['IF NOT EXISTS', `op.createTable('CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY)');`],
		['IF NOT EXISTS in plain SQL', `op.execute('CREATE TABLE /* or */ IF NOT EXISTS main."user" AS SELECT 1');`],
		['a temporary table of the name', `op.execute('CREATE TEMP TABLE user (x)'); op.execute('DROP TABLE temp.user');`],
	])('is needed to drop an existing table that an earlier migration only seems to create: %s', async (_, upgrade) => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(a, upgrade);
		project.migration(b, `op.dropColumn('user', 'age');`);
		project.migration(c, `op.dropTable('user');`);
		expect((await failed()).details).toEqual(['user.age will be dropped with 1 value', 'user will be dropped with 1 row']);
		expect(project.value('SELECT count(*) FROM user')).toBe(1);
	});

	test('is needed for a drop under a name from an earlier rename', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(a, `op.renameTable('user', 'person'); op.renameColumn('person', 'age', 'years');`);
		project.migration(b, `op.dropColumn('person', 'years');`);
		expect((await failed()).details).toEqual(['person.years will be dropped with 1 value']);
		expect((await done({consent: true})).currentMigration).toBe(b);
	});

	test('is needed for plain SQL that drops', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(`${a}.sql`, '-- upgrade\nALTER TABLE user DROP COLUMN age;\n');
		expect((await failed()).details).toEqual(['user.age: 1 value is lost']);
	});

	test('is not needed for plain SQL that renames, even with a comment after it', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(a, 'op.execute(`ALTER TABLE user RENAME TO person; -- as people say`);');
		expect((await done()).currentMigration).toBe(a);
		expect(project.value('SELECT count(*) FROM person')).toBe(1);
	});

	test('is needed for values that change under a new type, and values that do not fit stay unchanged', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '007'), (2, 'Bob', 'abc'), (3, 'Cy', '5')`);
		project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)');`);
		const event = await failed();
		expect(event.code).toBe('answerNeeded');
		await done({consent: true});
		expect(project.all('SELECT age FROM user')).toEqual([{age: 7}, {age: 'abc'}, {age: 5}]);
	});

	test('is needed for values that a fill replaces without reading them', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '007'), (2, 'Bob', NULL), (3, 'Cy', '5')`);
		const changed = (fill: string) =>
			project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)', {fill: {age: '${fill}'}});`);
		changed('5');
		expect(await failed()).toMatchObject({code: 'answerNeeded', details: ['user.age: 1 value would change: TEXT → INTEGER']});
		changed('CAST(age AS INTEGER)');
		expect((await done()).currentMigration).toBe(a);
	});

	test('is needed for values that change while a fill replaces NULLs, and the suggested fix converts the existing value', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '007'), (2, 'Bob', NULL)`);
		const changed = (fill: string) =>
			project.migration(
				a,
				`op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER NOT NULL)', {fill: {age: '${fill}'}});`,
			);
		changed('0');
		const findings = (await run()).flatMap((event) => (event.type === 'preflight' ? event.findings : []));
		expect(findings).toMatchObject([
			{
				kind: 'convert',
				samples: [{row: 'id 1', value: '007', becomes: 7}],
				fixes: [expect.stringContaining('the conversion of the existing value'), expect.anything()],
			},
		]);
		changed('coalesce(CAST(age AS INTEGER), 0)');
		expect((await done()).currentMigration).toBe(a);
		expect(project.all('SELECT age FROM user')).toEqual([{age: 7}, {age: 0}]);
	});
});

describe('preflight', () => {
	test('stops before anything is written, with the rows that would make it fail', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (17, NULL, '1'), (90, NULL, '1'), (91, 'x', '1')`);
		project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT)');`);
		const event = await failed({consent: true});
		expect(event).toMatchObject({
			code: 'hazard',
			message: 'user.name: 2 of 3 rows are NULL, but the column becomes NOT NULL',
			location: {table: 'user'},
			backup: null,
		});
		expect(event.details[0]).toBe('id 17 · id 90');
		expect(project.all(String(event.details[1]).slice('find all:  '.length))).toHaveLength(2);
	});

	test('names the file and line of the rule that rows violate, even if an earlier migration of the run comes first', async () => {
		project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'x'), (2, 'x')");
		project.migration(a, `op.createTable('CREATE TABLE log (x)');`);
		const path = project.migration(b, `op.addColumn('user', 'age TEXT');\nop.createIndex('CREATE UNIQUE INDEX user_name ON user (name)');`);
		const event = await failed();
		expect(event).toMatchObject({code: 'hazard', location: {file: path, line: 5, table: 'user'}});
		expect(event.details[0]).toBe('id 1 · id 2');
		project.migration(a, `op.execute("UPDATE user SET name = 'y'");`);
		expect(await failed()).toMatchObject({code: 'hazard', location: {file: path, line: 5, table: 'user'}});
	});

	test('names the index that fails, and not an operation that was planned with it', async () => {
		project.migration(a, `op.createTable('${user}'); op.execute("INSERT INTO user (name) VALUES ('x'), ('x')");`);
		const path = project.migration(b, `op.addColumn('user', 'city TEXT');\nop.createIndex('CREATE UNIQUE INDEX user_name ON user (name)');`);
		const event = await failed();
		expect(event).toMatchObject({migration: b, location: {file: path, line: 5}});
		expect(event.details[0]).toBe("createIndex('user_name'): building index user_name");
	});

	test('shows all the values of a rule over several columns', async () => {
		project.exec("CREATE TABLE p (a, b, UNIQUE (a, b)); CREATE TABLE c (x, y, n); INSERT INTO c VALUES (1, NULL, 0), (7, 'q', 5)");
		project.migration(a, `op.changeTable('c', 'CREATE TABLE c (x, y, n, FOREIGN KEY (x, y) REFERENCES p (a, b), CHECK (n < x))');`);
		project.exec('UPDATE c SET n = 9 WHERE x = 7');
		const findings = (await run()).flatMap((event) => (event.type === 'preflight' ? event.findings : []));
		expect(findings.map(({kind, samples}) => [kind, samples])).toEqual([
			['check', [{row: 'rowid 2', value: '9, 7'}]],
			['orphan', [{row: 'rowid 2', value: "7, 'q'"}]],
		]);
		for (const {sql} of findings) expect(project.all(String(sql))).toHaveLength(1);
	});

	test('checks the rows only after an earlier migration has fixed them', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, NULL, '1')`);
		project.migration(a, `op.execute("UPDATE user SET name = 'x' WHERE name IS NULL");`);
		project.migration(b, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT)');`);
		expect((await done()).currentMigration).toBe(b);
	});

	test('checks rows in the middle of the run, and rolls back', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, NULL, '1')`);
		project.migration(a, `op.execute("UPDATE user SET age = '2'");`);
		project.migration(b, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT)');`);
		expect(await failed({consent: true})).toMatchObject({
			code: 'hazard',
			migration: b,
			state: 'everything was rolled back: app.db has no migrations applied',
		});
		expect(project.value('SELECT age FROM user')).toBe('1');
	});

	test('reports foreign keys that are already violated, and continues', async () => {
		project.exec(
			`CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE c (p_id REFERENCES p(id)); PRAGMA foreign_keys=OFF; INSERT INTO c VALUES (5), (6)`,
		);
		project.migration(a, `op.changeTable('p', 'CREATE TABLE p (id INTEGER PRIMARY KEY, v INTEGER)');`);
		const events = await run();
		expect(events.find(({type}) => type === 'preflight')).toMatchObject({
			findings: [{kind: 'brokenForeignKey', table: 'c', rows: 2, blocking: false, destructive: false}],
		});
		expect(events.at(-1)?.type).toBe('done');
	});

	test('distinguishes old foreign key violations from new ones in a table that is renamed, or that refers to a rewritten table', async () => {
		project.exec(`
			CREATE TABLE p (id INTEGER PRIMARY KEY);
			CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p(id), v TEXT);
			CREATE TABLE o (id INTEGER PRIMARY KEY, v TEXT);
			PRAGMA foreign_keys=OFF;
			INSERT INTO c VALUES (1, 5, 'a'), (2, 6, 'b');
		`);
		project.migration(a, `op.renameTable('c', 'd'); op.addColumn('d', 'o_id REFERENCES o(id)');`);
		project.migration(
			b,
			`op.changeTable('o', 'CREATE TABLE o (id INTEGER PRIMARY KEY, v BLOB)');
			op.changeTable('d', 'CREATE TABLE d (id INTEGER PRIMARY KEY, p_id REFERENCES p(id), v BLOB, o_id REFERENCES o(id))');`,
		);
		expect((await run({consent: true})).at(-1)).toMatchObject({type: 'done'});
		project.migration('20260103_000000_c', `op.changeTable('o', 'CREATE TABLE o (id INTEGER PRIMARY KEY, v TEXT)');`);
		const events = await run();
		expect(events.find(({type}) => type === 'preflight')).toMatchObject({findings: []});
		expect(events.at(-1)).toMatchObject({type: 'done'});
	});

	test('distinguishes old foreign key violations from new ones in a table that becomes WITHOUT ROWID and is then renamed', async () => {
		project.exec(`
			CREATE TABLE p (id INTEGER PRIMARY KEY);
			CREATE TABLE c (id TEXT PRIMARY KEY NOT NULL, p_id REFERENCES p(id));
			PRAGMA foreign_keys=OFF;
			INSERT INTO c VALUES ('x', 5), ('y', 6);
		`);
		project.migration(a, `op.changeTable('c', 'CREATE TABLE c (id TEXT PRIMARY KEY NOT NULL, p_id REFERENCES p(id)) WITHOUT ROWID');`);
		project.migration(b, `op.renameTable('c', 'd');`);
		expect((await run()).at(-1)).toMatchObject({type: 'done'});
		expect(project.value('SELECT count(*) FROM d')).toBe(2);
	});

	test('says how to adopt a database whose tables were created outside lite-migr', async () => {
		project.exec('CREATE TABLE user (id INTEGER PRIMARY KEY)');
		for (const text of ["op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY)')", "op.execute('CREATE TABLE user (id INTEGER PRIMARY KEY)')"]) {
			project.migration(a, text);
			expect(await failed()).toMatchObject({hint: expect.stringContaining(`lite-migr baseline ${a}`)});
		}
		project.migration(a, "op.createTable('CREATE TABLE other (id)');");
		await done();
		project.migration(b, "op.createTable('CREATE TABLE user (id)');");
		expect(await failed()).toMatchObject({hint: null});
	});

	test('distinguishes old foreign key violations from new ones if plain statements rebuild the table or its parent', async () => {
		const child = (name: string, type: string) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, p_id REFERENCES p(id), v ${type})`;
		project.exec(
			`CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); ${child('c', 'TEXT')}; PRAGMA foreign_keys=OFF; INSERT INTO c VALUES (1, 5, 'a'), (2, 6, 'b')`,
		);
		const rebuilt = (old: string, made: string) =>
			`${made}; INSERT INTO made SELECT * FROM ${old}; DROP TABLE ${old}; ALTER TABLE made RENAME TO ${old};\n`;
		project.migration(
			`${a}.sql`,
			`-- upgrade\n${rebuilt('c', child('made', 'BLOB'))}${rebuilt('p', 'CREATE TABLE "made" (id INTEGER PRIMARY KEY, v BLOB)')}ALTER TABLE c RENAME TO d;\n`,
		);
		expect((await run()).at(-1)).toMatchObject({type: 'done'});
		expect(project.value('SELECT count(*) FROM d')).toBe(2);
		project.migration(
			`${b}.sql`,
			`-- upgrade\nINSERT INTO d VALUES (3, 7, 'c');\n${rebuilt('d', 'CREATE TABLE made (id INTEGER PRIMARY KEY, p_id REFERENCES p(id), v TEXT)')}`,
		);
		expect(await failed()).toMatchObject({message: expect.stringContaining('leave 1 row in d without a parent row in p')});
	});

	test('names a broken view that prevents a rename', async () => {
		project.exec(`${user}; CREATE VIEW broken AS SELECT * FROM gone`);
		project.migration(a, `op.renameColumn('user', 'name', 'full_name');`);
		const event = await failed();
		expect(event).toMatchObject({message: expect.stringContaining('error in view broken'), hint: expect.stringContaining("op.dropView('broken')")});
		expect(event.state).toBe('nothing was written: app.db has no migrations applied');
	});

	test('reports old strings in double quotes, which a rewrite fixes so that a rename works', async () => {
		project.exec("CREATE TABLE old (id INTEGER PRIMARY KEY, a TEXT CHECK (a <> 'x'))");
		project.database((db) => {
			nativeOf(db).unsafeMode(true);
			db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''x''', '"x"')`);
		});
		project.exec('CREATE TABLE u (x)');
		project.migration(a, `op.renameTable('u', 'v');`);
		expect(await failed()).toMatchObject({message: expect.stringContaining('error in table old'), hint: expect.stringContaining('op.changeTable')});
		project.migration(
			a,
			`op.changeTable('old', 'CREATE TABLE old (id INTEGER PRIMARY KEY, a TEXT CHECK (a <> "x"), b TEXT UNIQUE)'); op.renameTable('u', 'v');`,
		);
		const events = await run();
		expect(events.find(({type}) => type === 'preflight')).toMatchObject({
			findings: [{kind: 'quotedString', table: 'old', message: expect.stringContaining('"x"')}],
		});
		expect(events.at(-1)?.type).toBe('done');
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'old'")).toContain("a <> 'x'");
	});
});

describe('the guards at the end', () => {
	test('roll back a run in which a trigger deletes rows of another table, unless there is consent', async () => {
		project.exec(`${user}; CREATE TABLE log (x); INSERT INTO user VALUES (1, 'a', '1'); INSERT INTO log VALUES (1), (2);
			CREATE TRIGGER wipe AFTER UPDATE ON user BEGIN DELETE FROM log; END`);
		project.migration(a, `op.execute("UPDATE user SET name = 'b'");`);
		expect(await failed()).toMatchObject({
			code: 'answerNeeded',
			details: ['log: all 2 rows are deleted'],
			tables: [
				{table: 'user', rowsGone: 0},
				{table: 'log', rowsGone: 2},
			],
		});
		expect(project.value('SELECT count(*) FROM log')).toBe(2);
		expect((await done({consent: true})).currentMigration).toBe(a);
		expect(project.value('SELECT count(*) FROM log')).toBe(0);
	});

	test.each([
		"op.dropTable('_lite_migr')",
		"op.renameTable('_lite_migr', 'other')",
		"op.addColumn('_lite_migr', 'note TEXT')",
		'op.execute(\'DELETE FROM "_LITE_MIGR"\')',
		"op.execute('DROP TABLE _lite_migr')",
		'op.run(({db}) => { db.exec("UPDATE _lite_migr SET name = \'x\'"); })',
	])('roll back a migration that changes the history: %s', async (statement) => {
		project.migration(a, `op.createTable('${user}');`);
		await done();
		project.migration(b, `${statement};`);
		expect(await failed({consent: true})).toMatchObject({
			code: 'guard',
			message: "the migration changes _lite_migr, lite-migr's migration history table",
			location: {file: expect.stringContaining(b), line: expect.any(Number)},
		});
		expect(applied()).toEqual([a]);
		expect(project.all("SELECT sql FROM sqlite_schema WHERE sql LIKE '%note TEXT%'")).toEqual([]);
	});

	test('roll back a run that violates a foreign key, and report the rows and the statement', async () => {
		project.exec(
			`CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p(id) ON DELETE CASCADE); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (2)`,
		);
		const path = project.migration(a, `op.execute('INSERT INTO p VALUES (3)');\nop.execute('DELETE FROM p WHERE id = 1');`);
		const event = await failed({consent: true});
		expect(event).toMatchObject({
			code: 'guard',
			message: 'the migration would leave 1 row in c without a parent row in p',
			location: {file: path, table: 'c'},
		});
		expect(event.details).toContain('DELETE FROM p WHERE id = 1, line 5');
		expect(event.details).toContain('rowid 1');
		expect(project.value('SELECT count(*) FROM p')).toBe(2);
	});
});

describe('backups', () => {
	test('are taken before a rewrite with the previous state and the permissions of the original, and old ones are deleted', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		const {chmodSync} = await import('node:fs');
		chmodSync(project.file, 0o640);
		project.migration(
			a,
			`op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)');`,
			`op.changeTable('user', '${user}');`,
		);
		const event = await done();
		expect(event.backup).toBe(project.at(`backups/app-20261122T175203-${a}.db`));
		expect(event.undo).toEqual(['lite-migr downgrade --steps 1', 'lite-migr restore 20261122T175203']);
		expect(statSync(event.backup ?? '').mode & 0o777).toBe(0o640);
		const backup = openDatabase(event.backup ?? '');
		expect(backup.all('SELECT * FROM user')).toEqual([{id: 1, name: 'Ann', age: '7'}]);
		expect(backup.value("SELECT count(*) FROM sqlite_schema WHERE name = '_lite_migr'")).toBe(0);
		backup.close();
		for (let round = 0; round < 3; round++) {
			await done({direction: 'downgrade', backupKeep: 3});
			await done({backupKeep: 3});
		}
		expect(readdirSync(project.at('backups'))).toHaveLength(3);
	});

	test('are deleted from the oldest on, but never the last one, even with several in one second or after the clock was set back', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(a, `op.execute('UPDATE user SET age = age + 1')`, `op.execute('UPDATE user SET age = age + 1')`);
		let direction: 'upgrade' | 'downgrade' = 'upgrade';
		for (const time of ['17:52:03', '17:52:03', '17:52:03', '17:52:04', '17:52:03', '16:00:00']) {
			const age = project.value('SELECT age FROM user');
			const {backup} = await done({direction, backupKeep: 2, now: () => new Date(`2026-11-22T${time}Z`)});
			const [newest] = listBackups(project.file);
			expect(newest?.path).toBe(backup);
			const kept = openDatabase(backup ?? '');
			expect(kept.value('SELECT age FROM user')).toBe(age);
			kept.close();
			direction = direction === 'upgrade' ? 'downgrade' : 'upgrade';
		}
		expect(listBackups(project.file)).toHaveLength(2);
	});

	test('are not taken for changes that lose nothing or in mode never, and are always taken in mode always', async () => {
		project.exec(user);
		project.migration(a, `op.addColumn('user', 'city TEXT');`);
		expect((await done()).backup).toBeNull();
		project.migration(b, `op.dropColumn('user', 'city');`);
		expect((await done({backup: 'never', consent: true})).backup).toBeNull();
		project.migration(c, `op.addColumn('user', 'city TEXT');`);
		expect((await done({backup: 'always', backupDir: project.at('elsewhere')})).backup).toContain('elsewhere');
	});

	test('stop the run if they fail', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '7')`);
		project.migration(a, `op.dropColumn('user', 'age');`);
		const event = await failed({consent: true, backupDir: project.file});
		expect(event).toMatchObject({
			code: 'backup',
			hint: expect.stringContaining('--no-backup'),
			state: 'nothing was written: app.db has no migrations applied',
		});
		expect(project.value('SELECT age FROM user')).toBe('7');
	});
});

describe('a downgrade', () => {
	test('undoes the last migration, several migrations, or all migrations after a target', async () => {
		for (const name of [a, b, c]) project.migration(name, `op.createTable('CREATE TABLE t_${name} (x)');`, `op.dropTable('t_${name}');`);
		await done();
		expect(await done({direction: 'downgrade', consent: true})).toMatchObject({currentMigration: b, applied: [{name: c}]});
		expect((await done({direction: 'downgrade', consent: true, steps: 2})).currentMigration).toBeNull();
		await done();
		expect((await done({direction: 'downgrade', consent: true, to: 'a'})).currentMigration).toBe(a);
		expect(tables()).toEqual(['_lite_migr', `t_${a}`]);
	});

	test('asks before it drops, and reports a migration that has no downgrade', async () => {
		project.migration(a, `op.createTable('${user}');`, `op.dropTable('user');`);
		project.migration(b, '');
		await done();
		expect(await failed({direction: 'downgrade'})).toMatchObject({
			code: 'migration',
			message: `${b} cannot be undone: it has no downgrade`,
			hint: expect.stringMatching(/^add export function downgrade\(op: MigrationBuilder\) \{ … \}, or restore a backup with lite-migr restore$/),
		});
		project.removeMigration(b);
		expect(await failed({direction: 'downgrade', acceptEdited: true})).toMatchObject({
			code: 'history',
			message: expect.stringContaining('its file is missing'),
		});
		project.exec(`DELETE FROM _lite_migr WHERE name = '${b}'`);
		expect(await failed({direction: 'downgrade'})).toMatchObject({code: 'answerNeeded'});
		expect(tables()).toEqual(['_lite_migr', 'user']);
	});
});

describe('the history', () => {
	test('stops an upgrade if an applied file was edited or is missing, until that is accepted; consent to losses does not cover it', async () => {
		project.migration(a, `op.createTable('${user}');`);
		project.migration(b, `op.addColumn('user', 'x TEXT');`);
		await done();
		project.migration(a, `op.createTable('${user}'); // edited`);
		project.removeMigration(b);
		project.migration(c, `op.addColumn('user', 'y TEXT');`);
		const event = await failed();
		expect(event).toMatchObject({code: 'answerNeeded'});
		expect(event.details).toEqual([`edited after they were applied: ${a}`, `missing: ${b}`]);
		expect(await failed({consent: true})).toMatchObject({code: 'answerNeeded', hint: expect.stringContaining('lite-migr upgrade --accept-edited')});
		expect((await done({acceptEdited: true})).currentMigration).toBe(c);
	});

	test('applies an older migration with a notice if the order makes no difference, and refuses it if it does', async () => {
		project.migration(a, `op.createTable('${user}');`);
		project.migration(c, `op.addColumn('user', 'c TEXT');`);
		await done();
		project.migration(b, `op.createTable('CREATE TABLE log (x)');`);
		const events = await run();
		expect(events.find(({type}) => type === 'notice')).toMatchObject({message: expect.stringContaining('the order makes no difference')});
		expect(applied()).toEqual([a, c, b]);
		project.migration('20240102_000001_bb', `op.changeTable('user', '${user}');`);
		const event = await failed({consent: true});
		expect(event).toMatchObject({
			code: 'history',
			message: expect.stringContaining('table user would be different'),
			hint: expect.stringContaining('newer time'),
		});
	});
});

describe('a dry run', () => {
	test('does everything on a private copy, reports the findings, and leaves no trace', async () => {
		project.exec(`${user}; INSERT INTO user VALUES (1, 'Ann', '007')`);
		project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)');`);
		const before = statSync(project.file, {bigint: true});
		const events = await run({dryRun: true});
		expect(events.find(({type}) => type === 'preflight')).toMatchObject({
			findings: [{kind: 'convert', samples: [{row: 'id 1', value: '007', becomes: 7}]}],
		});
		expect(events[0]).toMatchObject({database: project.file, dryRun: true});
		expect(events.at(-1)).toMatchObject({type: 'done', dryRun: true, backup: null, undo: [], currentMigration: a});
		expect(statSync(project.file, {bigint: true}).mtimeNs).toBe(before.mtimeNs);
		expect(readdirSync(project.path).sort()).toEqual(['app.db', 'migrations']);
	});

	test('works without a database, and creates none', async () => {
		project.migration(a, `op.createTable('${user}');`);
		expect((await done({dryRun: true})).applied).toMatchObject([{name: a}]);
		expect(existsSync(project.file)).toBe(false);
	});
});

describe('a migration outside a transaction', () => {
	const rest = 'export const transaction = false;';

	test('runs alone, between the earlier and later migrations, and may use statements that cannot run in a transaction', async () => {
		project.migration(a, `op.createTable('${user}');`);
		project.migration(
			b,
			`op.execute('VACUUM'); op.execute('PRAGMA journal_mode = WAL'); op.addColumn('user', 'x TEXT'); op.run(({db}) => { db.exec('BEGIN; INSERT INTO user (name) VALUES (1); COMMIT') });`,
			undefined,
			rest,
		);
		project.migration(c, `op.addColumn('user', 'y TEXT');`);
		expect((await done()).applied).toMatchObject([{name: a}, {name: b}, {name: c}]);
		expect(project.value('PRAGMA journal_mode')).toBe('wal');
		expect(project.all('SELECT name, x, y FROM user')).toEqual([{name: '1', x: null, y: null}]);
		expect(readdirSync(project.path).filter((name) => name.includes('lock'))).toEqual([]);
	});

	test.each<{readonly alone: readonly string[]; readonly committed: readonly string[]}>([
		{alone: [a], committed: [a]},
		{alone: [b], committed: [a, b]},
		{alone: [c], committed: [a, b]},
		{alone: [a, b, c], committed: [a, b]},
		{alone: [], committed: []},
	])('says what is committed when the third of three fails: alone $alone, committed $committed', async ({alone, committed}) => {
		const write = (name: string, upgrade: string) => project.migration(name, upgrade, undefined, alone.includes(name) ? rest : '');
		write(a, `op.createTable('CREATE TABLE a (x)');`);
		write(b, `op.createTable('CREATE TABLE b (x)');`);
		write(c, `op.createTable('CREATE TABLE c (x)'); op.execute('INSERT INTO c SELECT y FROM a');`);
		expect(await failed({dryRun: true})).toMatchObject({committed: []});
		expect(await failed()).toMatchObject({migration: c, committed});
		const history = committed.length === 0 ? 0 : project.value('SELECT count(*) FROM _lite_migr');
		expect(history).toBe(committed.length);
		if (committed.length === 0) expect(existsSync(project.file)).toBe(false);
	});

	test('reports which of its changes remain if it fails', async () => {
		project.migration(a, `op.createTable('${user}');`);
		project.migration(b, `op.addColumn('user', 'x TEXT'); op.execute('INSERT INTO nowhere VALUES (1)');`, undefined, rest);
		const event = await failed();
		expect(event).toMatchObject({
			migration: b,
			committed: [a],
			state: `${b} runs outside a transaction, so its changes so far remain: app.db is at ${a}`,
		});
		expect(applied()).toEqual([a]);
	});
});
