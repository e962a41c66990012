import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder} from '../project-folder.ts';

const config = '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./prisma/schema.prisma"\n';
const datasource = 'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n';

/** The table of Prisma Migrate 7, with one applied migration. */
const history = `CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);
	INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('a', 'x', 1, '20260101000000_start')`;

function prismaProject(schema: string, files: Readonly<Record<string, string>> = {}): ProjectFolder {
	return projectFolder({'migrate.toml': config, 'prisma/schema.prisma': datasource + schema, ...files});
}

const blog = `
model User {
  id    Int    @id @default(autoincrement())
  name  String
  posts Post[]
}

model Post {
  id       Int    @id @default(autoincrement())
  title    String
  authorId Int
  author   User   @relation(fields: [authorId], references: [id], onDelete: Cascade)
  tags     Tag[]

  @@index([authorId])
}

model Tag {
  name  String @id
  posts Post[]
}
`;
const rows = `INSERT INTO User (name) VALUES ('Ann Lee'), ('Bob Hart'); INSERT INTO Post (title, authorId) VALUES ('One', 1), ('Two', 2), ('Three', 1);
	INSERT INTO Tag VALUES ('red'), ('blue'); INSERT INTO _PostToTag VALUES (1, 'red'), (2, 'red'), (2, 'blue')`;

async function blogWithRows(): Promise<ProjectFolder> {
	const project = prismaProject(blog);
	await expect(project.lite('create', 'start')).resolves.toMatchObject({code: 0});
	await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
	project.exec(rows);
	return project;
}

describe('a database that Prisma migrated', () => {
	test('agrees with the schema, and its migrations are not read as models', async () => {
		const sql = readFileSync(join(import.meta.dirname, '../core/models/prisma/fixtures/shop.sql'), 'utf8');
		const shop = readFileSync(join(import.meta.dirname, '../core/models/prisma/fixtures/shop.prisma'), 'utf8');
		const project = projectFolder({
			'migrate.toml': config.replace('/schema.prisma', ''),
			'prisma/schema.prisma': shop,
			'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
			'prisma/migrations/20260101000000_start/migration.sql': sql,
		});
		project.exec(`${sql}; ${history}; INSERT INTO Customer (email) VALUES ('ann@x.org')`);
		expect(await project.lite('diff')).toMatchObject({code: 0, stdout: '✔ no differences between models and database\n'});
		expect(await project.lite('baseline', '--from', 'prisma')).toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0});
		expect(await project.lite('check', '--db', 'new.db')).toMatchObject({code: 0});
		expect(project.value('SELECT count(*) FROM Customer')).toBe(1);
	});

	test('keeps what Prisma cannot express, even if another column changes', async () => {
		const project = prismaProject(`
model Item {
  id      Int      @id @default(autoincrement())
  name    String   @unique(map: "sqlite_autoindex_Item_1")
  size    Decimal  @default(0)
  isNew   Boolean  @default(false)
  made    DateTime @default(now())
  label   String?
  other   Int      @default(dbgenerated())
  owner   Owner?   @relation(fields: [ownerId], references: [id])
  ownerId Int?
}

model Owner {
  id    Int    @id
  items Item[]
}
`);
		project.exec(`CREATE TABLE Owner (id INTEGER PRIMARY KEY);
			CREATE TABLE Item (
				id INTEGER NOT NULL PRIMARY KEY,
				name VARCHAR(255) NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
				size NUMERIC(10, 2) NOT NULL DEFAULT '0.00' CONSTRAINT positive CHECK (size >= 0),
				isNew BOOLEAN NOT NULL DEFAULT 0,
				made TIMESTAMP NOT NULL DEFAULT (datetime('now')),
				label TEXT GENERATED ALWAYS AS (upper(name)) STORED,
				other INT NOT NULL DEFAULT 7,
				ownerId INT REFERENCES Owner (id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
			);
			INSERT INTO Item (id, name, size) VALUES (5, 'Pen', 1)`);
		expect(await project.lite('diff')).toMatchObject({code: 0, stdout: '✔ no differences between models and database\n'});
		await expect(project.lite('baseline', 'start')).resolves.toMatchObject({code: 0});

		const text = project.read('prisma/schema.prisma');
		project.write('prisma/schema.prisma', text.replace('  size    Decimal  @default(0)', '  weight  Float'));
		const create = await project.lite('create', 'weight', '--rename', 'Item.size=weight');
		expect(create, create.stdout).toMatchObject({code: 0});
		await expect(project.lite('upgrade', '--yes')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'Item'")).toMatch(
			/COLLATE NOCASE.*CONSTRAINT positive CHECK \(weight >= 0\).*GENERATED ALWAYS AS \(upper\(name\)\) STORED.*DEFERRABLE INITIALLY DEFERRED/s,
		);
		expect(project.all('SELECT id, name, weight, label FROM Item')).toEqual([{id: 5, name: 'Pen', weight: 1, label: 'PEN'}]);
	});

	test('agrees with the schema where Prisma forgot the quotes of a JSON default', async () => {
		const project = prismaProject('model Item {\n  id   Int  @id\n  tags Json @default("[]")\n  more Json @default("[1]")\n}\n');
		project.exec(
			'CREATE TABLE "Item" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "tags" JSONB NOT NULL DEFAULT [], "more" JSONB NOT NULL DEFAULT [1])',
		);
		expect(await project.lite('diff')).toMatchObject({stdout: '✔ no differences between models and database\n'});
		project.write('prisma/schema.prisma', project.read('prisma/schema.prisma').replace('"[1]"', '"[2]"'));
		expect((await project.lite('diff')).stdout).toContain('default');
	});

	test('differs from the schema if a default, a type or an action is another one', async () => {
		const project = prismaProject(`
model Item {
  id     Int      @id
  size   Int      @default(1)
  made   DateTime @default(now())
  self   Item?    @relation("x", fields: [selfId], references: [id])
  selfId Int?
  selves Item[]   @relation("x")
}
`);
		project.exec(`CREATE TABLE Item (id INTEGER NOT NULL PRIMARY KEY, size INT NOT NULL DEFAULT 2, made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
			selfId INT REFERENCES Item (id) ON DELETE CASCADE ON UPDATE CASCADE)`);
		const {stdout} = await project.lite('diff');
		expect(stdout).toContain('~ size   default 2 → 1');
		expect(stdout).toContain('TEXT → DATETIME');
		expect(stdout).toContain('+ FOREIGN KEY (selfId) REFERENCES Item(id) ON DELETE SET NULL');
	});
});

describe('a changed schema', () => {
	test('renames a column after a question, and its index and foreign key follow', async () => {
		const project = await blogWithRows();
		project.write('prisma/schema.prisma', project.read('prisma/schema.prisma').replaceAll('authorId', 'writerId'));
		expect(await project.lite('create', 'writer')).toMatchObject({code: 3, stdout: expect.stringContaining('--rename Post.authorId=writerId')});
		await expect(project.lite('create', 'writer', '--rename', 'Post.authorId=writerId')).resolves.toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.all('SELECT id, writerId FROM Post ORDER BY id')).toEqual([
			{id: 1, writerId: 1},
			{id: 2, writerId: 2},
			{id: 3, writerId: 1},
		]);
	});

	test('renames with comments need no question', async () => {
		const project = await blogWithRows();
		const text = project.read('prisma/schema.prisma');
		project.write(
			'prisma/schema.prisma',
			text
				.replace('model User {', '// @renamed from=User\nmodel Writer {')
				.replace(/\bUser\b(?=\s+@relation)/, 'Writer')
				.replace('  name  String\n', '  fullName String @map("full_name") /// @renamed from=name\n'),
		);
		const create = await project.lite('create', 'writers');
		expect(create, create.stdout + create.stderr).toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.all('SELECT full_name FROM Writer ORDER BY id')).toEqual([{full_name: 'Ann Lee'}, {full_name: 'Bob Hart'}]);
	});

	test('a renamed model that swaps the columns of a many-to-many table keeps the pairs', async () => {
		const project = await blogWithRows();
		// Tag comes before ZPost, so Prisma swaps A and B.
		project.write('prisma/schema.prisma', project.read('prisma/schema.prisma').replaceAll(/\bPost\b/g, 'ZPost'));
		const answers = [
			'--rename',
			'Post=ZPost',
			'--rename',
			'_PostToTag=_TagToZPost',
			'--drop',
			'_PostToTag_AB_unique',
			'--drop',
			'_PostToTag_B_index',
		];
		const create = await project.lite('create', 'zpost', ...answers);
		expect(create, create.stdout + create.stderr).toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.all('SELECT A, B FROM _TagToZPost ORDER BY A, B')).toEqual([
			{A: 'blue', B: 2},
			{A: 'red', B: 1},
			{A: 'red', B: 2},
		]);
		expect(project.all('PRAGMA foreign_key_check')).toEqual([]);
		await expect(project.lite('downgrade', '--steps', '1')).resolves.toMatchObject({code: 0});
		expect(project.all('SELECT A, B FROM _PostToTag ORDER BY A, B')).toEqual([
			{A: 1, B: 'red'},
			{A: 2, B: 'blue'},
			{A: 2, B: 'red'},
		]);
	});

	test('a comment at a model also renames its many-to-many tables, and swaps their columns', async () => {
		const project = await blogWithRows();
		const text = project.read('prisma/schema.prisma').replaceAll(/\bPost\b/g, 'ZPost');
		project.write('prisma/schema.prisma', text.replace('model ZPost {', 'model ZPost { // @renamed from=Post'));
		const create = await project.lite('create', 'zpost');
		expect(create, create.stdout + create.stderr).toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.rows('_TagToZPost', 'A, B')).toEqual(["text 'blue' | integer 2", "text 'red' | integer 1", "text 'red' | integer 2"]);
	});

	test('a stated type is compared exactly, and STRICT is dropped only if a new column needs it', async () => {
		const project = prismaProject('model Item {\n  id   Int @id\n  name Unsupported("VARCHAR(9)")?\n}\n');
		project.exec('CREATE TABLE Item (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(5))');
		expect((await project.lite('diff')).stdout).toContain('VARCHAR(5) → VARCHAR(9)');
		const strict = prismaProject('model Item {\n  id   Int @id\n  name String?\n}\n');
		strict.exec('CREATE TABLE Item (id INTEGER NOT NULL PRIMARY KEY, name TEXT) STRICT');
		expect(await strict.lite('diff')).toMatchObject({stdout: '✔ no differences between models and database\n'});
		strict.write('prisma/schema.prisma', strict.read('prisma/schema.prisma').replace('name String?', 'name String?\n  made DateTime?'));
		expect((await strict.lite('diff')).stdout).toContain('STRICT');
	});

	test.each([
		['Int', 'String', '42'],
		['String', 'Int', 42],
		['Int', 'BigInt', 42],
	])('a primary key that changes from %s to %s keeps its values', async (from, to, id) => {
		const project = prismaProject(`model Item {\n  id   ${from} @id\n  name String?\n}\n`);
		await expect(project.lite('create', 'start')).resolves.toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		project.exec("INSERT INTO Item VALUES (42, 'Pen')");
		project.write('prisma/schema.prisma', project.read('prisma/schema.prisma').replace(`${from} @id`, `${to} @id`));
		const create = await project.lite('create', 'key');
		expect(create, create.stdout + create.stderr).toMatchObject({code: 0});
		await expect(project.lite('upgrade', '--yes')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(project.all('SELECT * FROM Item')).toEqual([{id, name: 'Pen'}]);
	});

	test('triggers, views and full-text indexes can be in a .sql file next to it', async () => {
		const project = await blogWithRows();
		project.write('migrate.toml', config.replace('"./prisma/schema.prisma"', '["./prisma/schema.prisma", "./prisma/extras.sql"]'));
		project.write('prisma/extras.sql', 'CREATE VIEW recent AS SELECT * FROM Post;\nCREATE INDEX lower_title ON Post (lower(title));\n');
		await expect(project.lite('create', 'extras')).resolves.toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
	});
});

describe('init', () => {
	test('reports a Prisma schema and how to use it', async () => {
		const project = projectFolder({'prisma/schema.prisma': datasource + blog});
		expect(await project.lite('init')).toMatchObject({
			code: 0,
			stdout: `✔ wrote migrate.toml
✔ created migrations/

  ./prisma/schema.prisma is a Prisma schema
  next: to use it as the models, set models_dir = "./prisma/schema.prisma" in migrate.toml
`,
		});
	});

	test('reports a database in the folder of the schema', async () => {
		const project = projectFolder({'prisma/schema.prisma': datasource + blog, 'prisma/dev.db': ''});
		expect((await project.lite('init')).stdout).toContain('prisma/dev.db is a database; if it is the one to migrate, set db_path to it');
	});

	test('without models, the import of the history names the schema as well', async () => {
		const sql = 'CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT);\n';
		const project = projectFolder({
			'prisma/schema.prisma': `${datasource}model User {\n  id Int @id\n}\n`,
			'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
			'prisma/migrations/20260101000000_start/migration.sql': sql,
		});
		project.exec(`${sql}; ${history}`);
		await expect(project.lite('init')).resolves.toMatchObject({code: 0});
		const {stdout} = await project.lite('baseline', '--from', 'prisma');
		expect(stdout).toContain('to use your Prisma schema as the models, set models_dir = "./prisma/schema.prisma" in migrate.toml');
		project.write('migrate.toml', project.read('migrate.toml').replace('./models', './prisma/schema.prisma'));
		expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
	});

	test('does not report a schema for another database', async () => {
		const project = projectFolder({'prisma/schema.prisma': (datasource + blog).replace('sqlite', 'postgresql')});
		const {stdout} = await project.lite('init');
		expect(stdout).not.toContain('Prisma');
	});

	test.each([
		['schema.prisma', {'schema.prisma': datasource + blog}, './schema.prisma'],
		['several files', {'prisma/schema.prisma': datasource, 'prisma/models/blog.prisma': blog}, './prisma/**/*.prisma'],
		['the folder prisma/schema', {'prisma/schema/main.prisma': datasource, 'prisma/schema/blog.prisma': blog}, './prisma/schema/**/*.prisma'],
		['the place in package.json', {'package.json': '{"prisma": {"schema": "./db/my.prisma"}}', 'db/my.prisma': datasource + blog}, './db/my.prisma'],
	])('finds the schema in %s', async (_, files, place) => {
		const project = projectFolder(files);
		const {stdout} = await project.lite('init');
		expect(stdout).toContain(`models_dir = ${JSON.stringify(place)}`);
		project.write('migrate.toml', project.read('migrate.toml').replace('"./models"', JSON.stringify(place)));
		await expect(project.lite('create', 'start')).resolves.toMatchObject({code: 0});
		await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
	});
});
