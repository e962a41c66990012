import {describe, expect, test} from 'vitest';
import {findDrift} from '../../../../source/core/migrations/drift/drift.ts';
import {loadMigrations, migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {recordApplied} from '../../../../source/core/migrations/history/history.ts';
import {projectState} from '../../../../source/core/migrations/history/state.ts';
import {baseSchema} from '../../../../source/core/migrations/replay/comparison-base.ts';
import {replay, replayFromNothing, upgradesOf} from '../../../../source/core/migrations/replay/replay.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';

const project = projectForEachTest();
const names = (objects: readonly {readonly name: string}[]) => objects.map(({name}) => name);

describe('a replay', () => {
	test('executes the migrations without rows, and skips code and statements about rows', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)'); op.execute('INSERT INTO t VALUES (1, ?)', ['x']);`);
		project.migration('2_b', `op.run(() => { throw new Error('never') }); op.renameColumn('t', 'a', 'b'); op.execute('UPDATE nowhere SET x = 1');`);
		project.migration('3_c.sql', '-- upgrade\nCREATE TABLE u AS SELECT 1 AS x;\nALTER TABLE u RENAME TO v;\nCREATE INDEX v_x ON v (x);');
		project.migration('4_d', `op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, c TEXT UNIQUE)'); op.dropIndex('v_x');`);
		const {schema, migrations} = await replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir)));
		expect(names(schema.tables)).toEqual(['v', 't']);
		expect(schema.indexes).toEqual([]);
		expect(migrations.map(({name, steps}) => [name, steps.map(({strategy}) => strategy)])).toEqual([
			['1_a', ['instant', 'data']],
			['2_b', ['data', 'instant', 'data']],
			['3_c', ['data', 'data', 'data']],
			['4_d', ['rewrite', 'index']],
		]);
	});

	test('says where a migration does not fit', async () => {
		const path = project.migration('1_a', `\n\nop.dropColumn('t', 'a');`);
		expect(await thrownBy(async () => replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir))))).toMatchObject({
			code: 'plan',
			location: {file: path, line: 6},
		});
		const second = project.migration('1_a', `op.execute('CREATE TABLE t (a)');\nop.execute('ALTER TABLE t DROP COLUMN b');`);
		const failed = await thrownBy(async () => replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir))));
		expect(failed).toMatchObject({location: {file: second, line: 5}, message: expect.stringContaining('no such column')});
		expect(failed.details?.[0]).toBe('ALTER TABLE t DROP COLUMN b: running the statement');
	});

	test('creates and renames objects that need the collation, function, module or tokenizer of another program', async () => {
		const definitions = [
			'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE german, b TEXT, CHECK (my_function(b)))',
			'CREATE VIRTUAL TABLE near USING vec0(embedding float[3])',
			"CREATE VIRTUAL TABLE words USING fts5(b, tokenize = 'mine')",
			'CREATE UNIQUE INDEX t_a ON t (a)',
		];
		const calls = (sqls: readonly string[]) =>
			sqls.map((sql) => `op.${/INDEX/.test(sql) ? 'createIndex' : 'createTable'}(${JSON.stringify(sql)});`).join(' ');
		project.migration('1_a', `${calls(definitions)} op.createTable('CREATE TABLE u (x)');`);
		const {schema} = await replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir)));
		expect([...schema.tables, ...schema.virtualTables, ...schema.indexes].map(({sql}) => sql).toSorted()).toEqual(
			[...definitions, 'CREATE TABLE u (x)'].toSorted(),
		);
		project.migration('2_b', `op.renameTable('u', 'v'); op.renameColumn('t', 'a', 'c'); op.renameTable('t', 'w');`);
		const renamed = await replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir)));
		expect(renamed.schema.tables.map(({name, columns}) => [name, columns.map((column) => column.name)])).toEqual([
			['w', ['id', 'c', 'b']],
			['v', ['x']],
		]);
		expect(renamed.schema.indexes.map(({table, columns}) => [table, columns[0]?.column])).toEqual([['w', 'c']]);
	});

	test('says on which line of the file a statement of several lines cannot be read', async () => {
		const path = project.migration('1_a.sql', '-- upgrade\n\nCREATE TABLE t (\n    a TEXT,\n    b TEXT NOT\n);\n');
		const failed = await thrownBy(async () => replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir))));
		expect(failed).toHaveProperty('location', {file: path, line: 5});
	});

	test('knows which tables statements and triggers write, and the original names in every hazard', async () => {
		project.migration(
			'1_a.sql',
			'CREATE TABLE t (a, b TEXT); CREATE TABLE u (x); CREATE TABLE v (y); CREATE TRIGGER g AFTER INSERT ON u BEGIN UPDATE v SET y = 1; END;',
		);
		const base = await replayFromNothing(await loadMigrations(migrationsIn(project.migrationsDir)));
		project.migration('2_b', "op.execute('ALTER TABLE t RENAME TO tt'); op.dropColumn('tt', 'b'); op.execute('INSERT INTO u VALUES (1)');");
		const pending = (await loadMigrations(migrationsIn(project.migrationsDir))).filter(({name}) => name === '2_b');
		const {migrations, touched, changesRows} = await replay(base.schema, upgradesOf(pending));
		expect(touched).toEqual(new Set(['t', 'u', 'v']));
		expect(changesRows).toBe(true);
		expect(migrations[0]?.placed).toMatchObject([{hazard: {kind: 'dropColumn', table: 'tt', column: 'b'}, origin: {table: 't', column: 'b'}}]);
	});
});

describe('the base of create', () => {
	test('is the database with its pending migrations, without bookkeeping and ignored objects', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE t (a)');`);
		project.migration('2_b', `op.addColumn('t', 'b TEXT');`);
		const {schema: fromNothing} = await baseSchema({migrations: migrationsIn(project.migrationsDir)});
		expect(names(fromNothing.tables[0]?.columns ?? [])).toEqual(['a', 'b']);
		project.exec(
			'CREATE TABLE t (a); CREATE TABLE legacy_log (x); CREATE INDEX legacy_i ON legacy_log (x); CREATE TABLE alembic_version (v); CREATE TABLE own (y)',
		);
		const db = project.open();
		recordApplied(db, {name: '1_a', checksum: '', durationMs: 0, toolVersion: ''});
		const base = await baseSchema({db, migrations: migrationsIn(project.migrationsDir), ignore: ['legacy_*']});
		db.close();
		expect(names(base.schema.tables).sort()).toEqual(['own', 't']);
		expect(names(base.schema.indexes)).toEqual([]);
		expect(names(base.present?.tables[0]?.columns ?? [])).toEqual(['a']);
	});
});

describe('drift', () => {
	test('lists objects that are not in any migration, are missing, or were changed by hand', async () => {
		project.migration(
			'1_a',
			`op.createTable('CREATE TABLE t (a)'); op.createTable('CREATE TABLE u (a)'); op.createIndex('CREATE INDEX i ON t (a)');`,
		);
		project.exec('CREATE TABLE t (a, b); CREATE TABLE stray (x); CREATE INDEX i ON t (a)');
		const db = project.open();
		recordApplied(db, {name: '1_a', checksum: '', durationMs: 0, toolVersion: ''});
		const drift = await findDrift(db, projectState(migrationsIn(project.migrationsDir), db));
		expect(drift.differences).toEqual([
			{object: 'table', name: 't', kind: 'changed', detail: '+ b'},
			{object: 'table', name: 'u', kind: 'missing'},
			{object: 'table', name: 'stray', kind: 'unexpected'},
		]);
		project.removeMigration('1_a');
		expect((await findDrift(db, projectState(migrationsIn(project.migrationsDir), db))).unknown).toContain('1_a');
		db.close();
	});
});
