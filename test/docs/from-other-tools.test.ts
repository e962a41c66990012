import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {migrateKysely, toolProject, withKnex} from '../core/migrations/adopt/recorded/tool-project.ts';
import {type ProjectFolder, projectFolder} from '../project-folder.ts';
import {argumentsOf, blocksOf, commandsOf, normal, pageText, repository} from './page.ts';

const page = 'docs/from-other-tools.md';
const users = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)';
const orders = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id))';
const rows = "INSERT INTO user VALUES (1, 'Ann Lee'), (2, 'Bob Hart'); INSERT INTO orders VALUES (1, 2)";

interface Tool {
	/** The tables of the tool, as the tool creates and fills them. */
	readonly bookkeeping?: string;
	/** The files of the tool. Those on the page are added. */
	readonly files: Readonly<Record<string, string>>;
	/** Applies the first two migrations on the page with the tool itself. */
	readonly apply?: (project: ProjectFolder) => Promise<unknown>;
}

/** The bookkeeping of each tool, by the heading on the page. */
const tools: Readonly<Record<string, Tool>> = {
	Prisma: {
		bookkeeping: `CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);
			INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('a', 'x', 1, '20260101000000_user'), ('b', 'x', 1, '20260102000000_orders')`,
		files: {
			'prisma/schema.prisma': `datasource db {
  provider = "sqlite"
}

model user {
  id     Int      @id
  name   String
  orders orders[]
}

model orders {
  id      Int   @id
  user_id Int?
  user    user? @relation(fields: [user_id], references: [id], onDelete: NoAction, onUpdate: NoAction)
}
`,
			'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
			'prisma/migrations/20260101000000_user/migration.sql': `-- CreateTable\n${users};\n`,
			'prisma/migrations/20260102000000_orders/migration.sql': `-- CreateTable\n${orders};\n`,
		},
	},
	wrangler: {
		bookkeeping:
			"CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL); INSERT INTO d1_migrations (name) VALUES ('0001_user.sql'), ('0002_orders.sql')",
		files: {'theirs/0001_user.sql': `${users};\n`, 'theirs/0002_orders.sql': `${orders};\n`},
	},
	Diesel: {
		bookkeeping:
			"CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000'), ('20260102000000')",
		files: {
			'theirs/2026-01-01-000000_user/up.sql': `${users};\n`,
			'theirs/2026-01-01-000000_user/down.sql': 'DROP TABLE user;\n',
			'theirs/2026-01-02-000000_orders/up.sql': `${orders};\n`,
			'theirs/2026-01-02-000000_orders/down.sql': 'DROP TABLE orders;\n',
		},
	},
	sqlx: {
		bookkeeping:
			"CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL); INSERT INTO _sqlx_migrations VALUES (20260101000000, 'user', '', TRUE, x'00', 1), (20260102000000, 'orders', '', TRUE, x'00', 1)",
		files: {'theirs/20260101000000_user.sql': `${users};\n`, 'theirs/20260102000000_orders.sql': `${orders};\n`},
	},
	goose: {
		bookkeeping:
			"CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now'))); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1)",
		files: {
			'theirs/00001_user.sql': `-- +goose Up\n${users};\n\n-- +goose Down\nDROP TABLE user;\n`,
			'theirs/00002_orders.sql': `-- +goose Up\n${orders};\n\n-- +goose Down\nDROP TABLE orders;\n`,
		},
	},
	Knex: {
		files: {'package.json': '{"dependencies": {"knex": "*", "better-sqlite3": "*"}}'},
		apply: (project) =>
			withKnex(project, async (knex) => {
				await knex.migrate.up();
				await knex.migrate.up();
			}),
	},
	Kysely: {
		files: {'package.json': '{"type": "module", "dependencies": {"kysely": "*", "better-sqlite3": "*"}}'},
		apply: (project) => migrateKysely(project, '2026-01-02_orders'),
	},
	TypeORM: {
		bookkeeping:
			"CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, timestamp bigint NOT NULL, name varchar NOT NULL); INSERT INTO migrations (timestamp, name) VALUES (1700000000000, 'Init1700000000000')",
		files: {'theirs/1700000000000-init.ts': 'export class Init1700000000000 { public async up(runner) {} }\n'},
	},
	Django: {
		bookkeeping:
			"CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL); INSERT INTO django_migrations (app, name, applied) VALUES ('shop', '0001_initial', '2026-01-01')",
		files: {'theirs/0001_initial.py': 'class Migration(migrations.Migration):\n    operations = []\n'},
	},
	Rails: {
		bookkeeping:
			"CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY); CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar, created_at datetime(6) NOT NULL, updated_at datetime(6) NOT NULL); INSERT INTO schema_migrations VALUES ('20260101000000')",
		files: {'theirs/20260101000000_init.rb': 'class Init < ActiveRecord::Migration[8.0]\n  def change\n  end\nend\n'},
	},
	'No tool at all': {bookkeeping: 'SELECT 1', files: {}},
};

const sections = pageText(page).split(/^## /m).slice(1);
const titleOf = (section: string) => section.split('\n', 1)[0] ?? '';

test('the page has a section for each of these tools', () => {
	expect(sections.map(titleOf)).toEqual(Object.keys(tools));
});

/** Returns the project of a section, with the database that the tool has left. */
async function projectOf(section: string, {bookkeeping, files, apply}: Tool): Promise<ProjectFolder> {
	if (apply === undefined) {
		const project = projectFolder(files);
		project.database((db) => db.exec(`${users}; ${orders}; ${rows}; ${bookkeeping}`));
		return project;
	}
	const shown = blocksOf(section).flatMap(({file, text}) => (file === undefined ? [] : [[file, text] as const]));
	const project = toolProject({...Object.fromEntries(shown), ...files});
	project.remove('migrate.toml');
	await apply(project);
	project.database((db) => db.exec(rows));
	return project;
}

describe.each(Object.entries(tools))('%s', (name, tool) => {
	test('every command of its section works, no row changes, and a new database gets the same schema', async () => {
		const section = sections.find((each) => titleOf(each) === name) ?? '';
		const project = await projectOf(section, tool);
		const everything = () =>
			project.database((db) =>
				[
					['id, name', 'user'],
					['id, user_id', 'orders'],
				].map(([columns, table]) => db.tuples(`SELECT ${columns} FROM ${table}`)),
			);
		const before = everything();
		let updated = section;
		for (const block of blocksOf(section).filter(({language}) => language === 'console')) {
			for (const shown of commandsOf(block)) {
				const {code, stdout, stderr} = await project.lite(...argumentsOf(shown));
				const output = `${stdout}${stderr}`;
				expect(code, output).toBe(shown.output.includes('✗') ? 2 : 0);
				if (process.env.UPDATE_PAGES === undefined) expect(normal(output)).toBe(normal(shown.output));
				else
					updated = updated.replace(
						`$ ${shown.command}\n${shown.output}`,
						() => `$ ${shown.command}\n${output.trimEnd()}${shown.output === '' ? '\n' : ''}`,
					);
			}
		}
		if (process.env.UPDATE_PAGES !== undefined)
			writeFileSync(
				join(repository, page),
				pageText(page).replace(section, () => updated),
			);
		expect(everything()).toEqual(before);
		expect(await project.lite('check')).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('check', '--db', 'new.db')).toMatchObject({code: 0, stderr: ''});
	});
});
