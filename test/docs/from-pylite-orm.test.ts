import {expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {argumentsOf, blocksOf, commandsOf, normal, pageText} from './page.ts';

/** Also replaces sizes, versions and dates, which differ between runs. */
function normalized(text: string): string {
	return normal(text)
		.replaceAll(/\d+(?:\.\d+)? [kM]?B\b/g, 'N kB')
		.replaceAll(/SQLite \d+\.\d+\.\d+/g, 'SQLite')
		.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE');
}

/** Creates what pylite-orm 0.1.4 has created by then: its history table, and the table of its first migration. */
function asPyliteOrmLeavesIt(project: ProjectFolder): void {
	project.database((db) =>
		db.exec(`
			PRAGMA journal_mode = WAL;
			CREATE TABLE IF NOT EXISTS _lite_migr (
				id INTEGER PRIMARY KEY AUTOINCREMENT,
				name TEXT NOT NULL UNIQUE,
				applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
			);
			CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, name TEXT);
			INSERT INTO _lite_migr (name) VALUES ('20260301_101500_start');
			INSERT INTO user VALUES (1, 'Ada'), (7, 'Grace');
		`),
	);
}

test('every step of the page "From pylite-orm" works', async () => {
	const project = projectFolder();
	asPyliteOrmLeavesIt(project);
	const done = {files: 0, commands: 0};
	for (const block of blocksOf(pageText('docs/from-pylite-orm.md'))) {
		if (block.file !== undefined) {
			project.write(block.file, block.text);
			done.files += 1;
		} else if (block.language === 'console') {
			for (const shown of commandsOf(block)) {
				const [argv, output] = [argumentsOf(shown), shown.output];
				const finished = await project.lite(...argv);
				expect(finished, argv.join(' ')).toMatchObject({code: 0, stderr: ''});
				expect(normalized(finished.stdout), argv.join(' ')).toBe(normalized(output));
				done.commands += 1;
			}
		}
	}

	expect(done).toEqual({files: 6, commands: 5});
	expect(await project.lite('check')).toMatchObject({code: 0});
	expect(await project.lite('diff')).toMatchObject({code: 0, stdout: expect.stringContaining('no differences')});
	project.database((db) => {
		expect(db.all('SELECT * FROM user')).toEqual([
			{id: 1, full_name: 'Ada', created_at: null, email: null},
			{id: 7, full_name: 'Grace', created_at: null, email: null},
		]);
		expect(db.all('SELECT name FROM _lite_migr ORDER BY id').map(({name}) => String(name).slice(16))).toEqual(['start', 'posts', 'profile']);
		const indexes = db.all("SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'idx%' ORDER BY name");
		expect(indexes.map(({name}) => name)).toEqual(['idx_post_user_id', 'idx_user_email']);
	});
});

test('a Python migration without a downgrade cannot be undone, and the hint shows how to write one', async () => {
	const start = "def upgrade(op):\n    op.create_table('user', [('id', 'INTEGER', {'primary_key': True})])\n";
	const project = projectFolder({
		'migrate.toml': toml,
		'models/user.py': "from pylite_orm import DbField, DbModel\n\nclass User(DbModel):\n    id = DbField(db_type='INTEGER', pk=True)\n",
		'migrations/20260301_101500_start.py': start,
	});
	expect(await project.lite('upgrade')).toMatchObject({code: 0});
	const refused = await project.lite('downgrade', '--yes');
	expect(refused).toMatchObject({code: 1, stderr: expect.stringContaining('20260301_101500_start cannot be undone: it has no downgrade')});
	expect(refused.stderr).toContain('def downgrade(op)');
	project.write('migrations/20260301_101500_start.py', `${start}\ndef downgrade(op):\n    op.drop_table('user')\n`);
	const edited = await project.lite('status');
	expect(edited.stdout).toContain('20260301_101500_start');
});

test('a type annotation without db_type sets the column type, as the page says', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/user.py': 'from pylite_orm import DbField, DbModel\n\nclass User(DbModel):\n    age: int = DbField()\n',
	});
	project.database((db) => db.exec('CREATE TABLE user (age TEXT)'));
	expect((await project.lite('diff')).stdout).toContain('no differences');
	project.write(
		'models/user.py',
		'from pylite_orm import DbField, DbModel, DbType\n\nclass User(DbModel):\n    age: int = DbField(db_type=DbType.INT)\n',
	);
	expect((await project.lite('diff')).stdout).toContain('TEXT → INTEGER');
});

test('an error in a model or a migration is reported with its line, and nothing is written', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/user.py': 'from pylite_orm import DbField, DbModel\n\nclass User(DbModel):\n    age = DbField(db_type=pick())\n',
		'migrations/20260301_101500_loop.py': "def upgrade(op):\n    for name in ('a', 'b'):\n        op.drop_table(name)\n",
	});
	project.database((db) => db.exec('CREATE TABLE a (x); CREATE TABLE b (x)'));
	const upgrade = await project.lite('upgrade', '--yes');
	expect(upgrade).toMatchObject({code: 1, stdout: ''});
	expect(upgrade.stderr).toContain('this for in a migration cannot be followed without running Python');
	expect(upgrade.stderr).toContain('20260301_101500_loop.py:2');
	project.write('migrations/20260301_101500_loop.py', "def upgrade(op):\n    op.drop_table('a')\n");
	const create = await project.lite('create', 'x');
	expect(create.code).toBe(1);
	expect(create.stderr).toContain('User.age: db_type cannot be determined without running Python: it is the result of pick()');
	expect(create.stderr).toContain('user.py:4');
	expect(project.files('migrations')).toEqual(['20260301_101500_loop.py']);
	project.database((db) => expect(db.all('SELECT name FROM sqlite_schema')).toEqual([{name: 'a'}, {name: 'b'}]));
});
