import {cpSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {measure, type Run, requireSuccess} from './measure.ts';
import {node, repository, temporaryFolder} from './project.ts';

/** The same table as a Drizzle schema. Each change replaces or adds one line. */
const lines = {
	id: "id: integer('id').primaryKey(),",
	accountId: "accountId: integer('account_id'),",
	title: "title: text('title'),",
	amount: "amount: integer('amount'),",
	zip: "zip: text('zip'),",
	note: "note: text('note'),",
	kind: "kind: text('kind').default('a'),",
} as const;

type Line = keyof typeof lines | 'extra' | 'parts';

/** The changed lines for each change in the benchmark. Renames are missing, because drizzle-kit asks about them in a terminal. */
export const drizzleChanges: Readonly<Record<string, Partial<Record<Line, string>>>> = {
	'add a nullable column': {extra: "extra: text('extra'),"},
	'add NOT NULL with a default': {extra: "extra: integer('extra').notNull().default(0),"},
	'set NOT NULL': {title: "title: text('title').notNull(),"},
	'type across affinities': {zip: "zip: integer('zip'),"},
	'drop a column': {zip: ''},
	'add a foreign key': {accountId: "accountId: integer('account_id').references(() => account.id),"},
	'add a check': {parts: 'check("amount_check", sql`amount >= 0`),'},
	'change a default': {kind: "kind: text('kind').default('b'),"},
	'add a unique index': {parts: "uniqueIndex('entry_unique').on(entry.note),"},
};

/** Creates a project with tables that drizzle-kit created. The caller inserts rows into its `app.db`. */
export async function drizzleProject(): Promise<string> {
	const folder = temporaryFolder();
	symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	writeFileSync(
		join(folder, 'drizzle.config.ts'),
		"export default {dialect: 'sqlite', schema: './schema.ts', out: './drizzle', dbCredentials: {url: 'app.db'}};\n",
	);
	mkdirSync(join(folder, 'drizzle'));
	await generate(folder, {});
	requireSuccess(await kit(folder, 'migrate'), 'drizzle-kit migrate');
	return folder;
}

/** Runs `drizzle-kit migrate` for one change, on a copy of the project. */
export async function drizzleMigrate(project: string, change: Partial<Record<Line, string>>): Promise<Run> {
	const folder = temporaryFolder();
	cpSync(project, folder, {recursive: true, verbatimSymlinks: true});
	await generate(folder, change);
	return requireSuccess(await kit(folder, 'migrate'), 'drizzle-kit migrate');
}

async function generate(folder: string, change: Partial<Record<Line, string>>): Promise<void> {
	const columns = Object.entries({...lines, extra: '', ...change}).filter(([name]) => name !== 'parts');
	writeFileSync(
		join(folder, 'schema.ts'),
		`import {sql} from 'drizzle-orm';
import {check, index, integer, sqliteTable, text, uniqueIndex} from 'drizzle-orm/sqlite-core';
export const account = sqliteTable('account', {id: integer('id').primaryKey(), name: text('name').notNull()});
export const entry = sqliteTable('entry', {
${columns.map(([, line]) => `\t${line}\n`).join('')}}, (entry) => [
	index('entry_account').on(entry.accountId), index('entry_title').on(entry.title, entry.amount), ${change.parts ?? ''}
]);
void [sql, check, uniqueIndex];
`,
	);
	requireSuccess(await kit(folder, 'generate'), 'drizzle-kit generate');
}

function kit(folder: string, command: string): Promise<Run> {
	return measure(node, [join(repository, 'node_modules', 'drizzle-kit', 'bin.cjs'), command], {cwd: folder});
}
