import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadMigrations, migrationsIn} from '../../../source/core/migrations/files/source.ts';
import {loadModels} from '../../../source/core/models/load.ts';
import {type ModelFolder, modelFolder, tableModule} from '../models/model-folder.ts';

const imports = "const {integer, table} = require('lite-migr');\n";

/** A project whose model imports `@/columns`, which its tsconfig.json maps to a folder. */
function projectWithAlias(folder: string): ModelFolder {
	return modelFolder({
		'tsconfig.json': JSON.stringify({compilerOptions: {paths: {'@/*': [`./${folder}/*`]}}}),
		[`${folder}/columns.ts`]: `import {integer} from 'lite-migr';\nexport const columns = {${folder}: integer()};\n`,
		'models/user.ts':
			"import {setTimeout} from 'node:timers/promises';\nimport {table} from 'lite-migr';\nawait setTimeout(20);\n" +
			"const {columns} = await import('@/columns');\nexport const user = table('user', columns);\n",
	});
}

async function columnsOf(project: ModelFolder): Promise<readonly string[]> {
	const {tables} = await project.load();
	return tables.flatMap(({columns}) => columns.map(({name}) => name));
}

/** Loads one migration, and returns its number of operations. */
async function loadMigrationText(project: ModelFolder, text: string): Promise<number> {
	project.write({'migrations/0001_start.ts': text});
	const migrations = await loadMigrations(migrationsIn(join(project.path, 'migrations')));
	return migrations.flatMap(({upgrade}) => upgrade).length;
}

describe('loads that run at the same time', () => {
	test('use the path aliases of their tsconfig.json', async () => {
		const projects = [projectWithAlias('first'), projectWithAlias('second')] as const;
		expect(await Promise.all(projects.map(columnsOf))).toEqual([['first'], ['second']]);
	});

	test('create each table of a CommonJS module once', async () => {
		const project = () =>
			modelFolder({
				'models/1.ts': "import {setTimeout} from 'node:timers/promises';\nimport {team} from '../one.cjs';\nawait setTimeout(50);\nexport {team};\n",
				'models/2.ts': "export {user} from '../two.cjs';\n",
				'one.cjs': "exports.team = require('./shared.cjs').team;\n",
				'two.cjs': `${imports}const {team} = require('./shared.cjs');\nexports.team = team;\nexports.user = table('user', {team: integer().references(() => team.id)});\n`,
				'models/3.ts': "export {team} from '../two.cjs';\n",
				'shared.cjs': `${imports}exports.team = table('team', {id: integer().primaryKey()});\n`,
			});
		const [first, second] = [project(), project()];
		const later = async (folder: ModelFolder) => {
			await new Promise((resolve) => setTimeout(resolve, 25));
			return folder.load();
		};
		for (const schema of await Promise.all([first.load(), later(second), later(first)])) {
			expect(schema.tables.map(({name}) => name).toSorted()).toEqual(['team', 'user']);
		}
	});

	test('report a syntax error in their own files', async () => {
		const projects = ['first', 'second'].map((name) => modelFolder({[`models/${name}.ts`]: `${tableModule('user')}\nexport const x = ;\n`}));
		const failures = await Promise.all(projects.map((project) => project.failure()));
		expect(failures.map(({place}) => place)).toEqual(['models/first.ts:4', 'models/second.ts:4']);
	});

	test('leave a model load unchanged while a migration is loaded, and the other way round', async () => {
		const project = modelFolder({
			'models/1.ts': "import {setTimeout} from 'node:timers/promises';\nimport '../shared.cjs';\nawait setTimeout(50);\nexport {};\n",
			'models/2.ts': "export {team} from '../one.cjs';\n",
			'models/3.ts': "export {team} from '../two.cjs';\n",
			'one.cjs': "exports.team = require('./shared.cjs').team;\n",
			'two.cjs': "exports.team = require('./shared.cjs').team;\n",
			'shared.cjs': `${imports}exports.team = table('team', {id: integer().primaryKey()});\n`,
		});
		const migration =
			"import {team as one} from '../one.cjs';\nimport {setTimeout} from 'node:timers/promises';\nawait setTimeout(60);\n" +
			"const {team} = await import('../two.cjs');\nif (team !== one) throw new Error('two modules');\n" +
			"export function upgrade(op) { op.execute('SELECT 1'); }\n";
		const [schema, operations] = await Promise.all([project.load(), loadMigrationText(project, migration)]);
		expect({tables: schema.tables.map(({name}) => name), operations}).toEqual({tables: ['team'], operations: 1});
	});
});

describe('a load that comes later', () => {
	test('does not inherit how an earlier one loaded a file', async () => {
		const project = modelFolder({'models/kind.ts': `${tableModule('user')}export enum Kind { a }\n`});
		const migration = "import '../models/kind.ts';\nexport function upgrade(op) { op.execute('SELECT 1'); }\n";
		const load = () => loadMigrationText(project, migration).catch((error: Error) => error.message);
		const before = await load();
		await project.load();
		expect(before).toContain('enum is not supported');
		expect(await load()).toBe(before);
	});

	test('runs an enum that was written after a first load', async () => {
		const project = modelFolder({'models/user.ts': tableModule('user')});
		await project.load();
		writeFileSync(join(project.path, 'models/user.ts'), `enum Name { user = 'person' }\n${tableModule('user').replace("'user'", 'Name.user')}`);
		expect((await loadModels(join(project.path, 'models'))).tables.map(({name}) => name)).toEqual(['person']);
	});
});
