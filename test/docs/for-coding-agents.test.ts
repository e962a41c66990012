import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';
import {argumentsOf, blocksOf, commandsOf, normal, pageText, repository} from './page.ts';

const page = 'docs/for-coding-agents.md';
const before = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT);';
const after = 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);';

test('every command of the page "For coding agents and scripts" prints what the page shows', async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': before});
	await project.lite('create', 'start');
	await project.lite('upgrade');
	project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Ann Lee', 'ann'), (2, 'Bob Hart', NULL)"));
	project.write('models/schema.sql', after);
	let text = pageText(page);
	let plan = 'PLAN';
	for (const block of blocksOf(text).filter(({language}) => language === 'console')) {
		for (const shown of commandsOf(block)) {
			const {stdout} = await project.lite(...argumentsOf(shown).map((word) => word.replace('PLAN', plan)));
			plan = /^plan ([0-9a-f]{8})$/m.exec(stdout)?.[1] ?? plan;
			const output = stdout.replaceAll(plan, '3f9c1a2b');
			if (process.env.UPDATE_PAGES !== undefined)
				text = text.replace(`$ ${shown.command}\n${shown.output}`, `$ ${shown.command}\n${output.trimEnd()}${shown.output === '' ? '\n' : ''}`);
			else expect(normal(output), shown.command).toBe(normal(shown.output));
		}
	}
	if (process.env.UPDATE_PAGES !== undefined) writeFileSync(join(repository, page), text);
	expect(project.database((db) => db.all('SELECT id, full_name FROM user'))).toEqual([
		{id: 1, full_name: 'Ann Lee'},
		{id: 2, full_name: 'Bob Hart'},
	]);
});
