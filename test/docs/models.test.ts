import {expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';
import {blocksOf, pageText} from './page.ts';

const schemas = blocksOf(pageText('docs/models.md')).filter(({language}) => language === 'prisma');

test('the Prisma schema on the page gives the tables that the page names', async () => {
	const project = projectFolder({'migrate.toml': toml.replace('./models', './prisma/schema.prisma'), 'prisma/schema.prisma': schemas[0]?.text ?? ''});
	const {code, stdout} = await project.lite('create', 'start');
	expect(code).toBe(0);
	for (const name of ['User_email_key', 'Post_authorId_idx', '_PostToTag', 'post_title']) expect(stdout).toContain(name);
	expect(project.read(`migrations/${project.files('migrations')[0]}`)).toContain('Post_authorId_fkey');
});

test('the renames in the Prisma schema on the page need no question', async () => {
	const datasource = 'datasource db {\n  provider = "sqlite"\n}\n';
	const project = projectFolder({
		'migrate.toml': toml.replace('./models', './schema.prisma'),
		'schema.prisma': datasource + (schemas[1]?.text ?? ''),
	});
	project.exec("CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL); INSERT INTO user (name) VALUES ('Ann Lee')");
	await expect(project.lite('baseline', 'start')).resolves.toMatchObject({code: 0});
	await expect(project.lite('create', 'rename')).resolves.toMatchObject({code: 0});
	await expect(project.lite('upgrade')).resolves.toMatchObject({code: 0});
	expect(project.all('SELECT * FROM Account')).toEqual([{id: 1, full_name: 'Ann Lee'}]);
});
