import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {lite} from '../cli/lite.ts';
import {generations, kitStatements, project} from '../core/models/drizzle/project.ts';
import {argumentsOf, type Block, blocksOf, commandsOf, normal, pageText} from './page.ts';

test.each(generations)('every step of the page "From Drizzle" works with drizzle-orm of generation %s', {timeout: 120_000}, async (generation) => {
	const folder = project(generation, {});
	const blocks = blocksOf(pageText('docs/from-drizzle.md'));
	let shown = '';
	for (const block of blocks) {
		const file = join(folder, block.file ?? '');
		if (block.language === 'ts' && block.file !== undefined) {
			mkdirSync(dirname(file), {recursive: true});
			writeFileSync(file, block.text);
			await makeDatabase(folder, block.file);
		} else if (block.language === 'ts') shown = block.text;
		else if (block.language === 'diff') writeFileSync(file, patched(readFileSync(file, 'utf8'), block));
		else if (block.language === 'console') {
			for (const command of commandsOf(block)) {
				const {code, stdout, stderr} = await lite(folder, argumentsOf(command));
				expect(normal(stdout), stderr).toBe(normal(command.output));
				expect(code).toBe(0);
			}
		}
	}

	const [, last = ''] = readdirSync(join(folder, 'migrations'));
	expect(readFileSync(join(folder, 'migrations', last), 'utf8')).toBe(shown);
	const db = openDatabase(join(folder, 'app.db'));
	expect(db.all('SELECT id, full_name, email, is_admin FROM user')).toEqual([
		{id: 1, full_name: 'Ann Lee', email: 'ann@example.com', is_admin: 0},
		{id: 2, full_name: 'Bob Hart', email: 'bob@example.com', is_admin: 0},
	]);
	expect(db.value('SELECT count(*) FROM post')).toBe(3);
	db.close();
});

/** Creates the database as drizzle-kit and a program leave it. */
async function makeDatabase(folder: string, file: string): Promise<void> {
	const db = openDatabase(join(folder, 'app.db'), {create: true});
	for (const statement of await kitStatements(folder, file)) db.exec(statement);
	db.exec(`
		CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
		INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('5c1d', 1790000000000);
		INSERT INTO user (name, email) VALUES ('Ann Lee', 'ann@example.com'), ('Bob Hart', 'bob@example.com');
		INSERT INTO post (author_id, title) VALUES (1, 'First'), (1, 'Second'), (2, 'Third');
	`);
	db.close();
}

/** Replaces the lines that a diff block removes with the lines it adds. */
function patched(text: string, block: Block): string {
	const lines = block.text.split('\n');
	const marked = (mark: string): string => lines.flatMap((line) => (line.startsWith(mark) ? [`${line.slice(1)}\n`] : [])).join('');
	if (!text.includes(marked('-'))) throw new Error(`the file does not have these lines:\n${marked('-')}`);
	return text.replace(marked('-'), () => marked('+'));
}
