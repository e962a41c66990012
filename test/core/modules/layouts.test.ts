import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {modelFolder, tableModule} from '../models/model-folder.ts';

const columns = (name: string) => `import {integer} from 'lite-migr';\nexport const ${name} = {id: integer().primaryKey()};\n`;
const tableOf = (specifier: string, name = 'columns') =>
	`import {table} from 'lite-migr';\nimport {${name}} from '${specifier}';\nexport const user = table('user', ${name});\n`;

async function tables(files: Readonly<Record<string, string>>): Promise<string[]> {
	return (await modelFolder(files).load()).tables.map(({name}) => name);
}

describe('models can import', () => {
	test.each([
		['a file without extension', './columns', 'models/columns.ts'],
		['a .js file whose source is TypeScript', './columns.js', 'models/columns.ts'],
		['a .mjs file whose source is TypeScript', './columns.mjs', 'models/columns.mts'],
		['a file with its extension', './columns.ts', 'models/columns.ts'],
		['a folder with an index', './parts', 'models/parts/index.ts'],
		['a folder with an index in JavaScript', './parts/', 'models/parts/index.js'],
		['a file outside the models folder', '../shared/columns', 'shared/columns.ts'],
		['a file whose name has a dot', './columns.base', 'models/columns.base.ts'],
		['a file with spaces and signs in its path', "./a b/c%d'e#f?/columns", "models/a b/c%d'e#f?/columns.ts"],
	])('%s', async (_, specifier, file) => {
		expect(await tables({'models/user.ts': tableOf(specifier.replaceAll("'", "\\'")), [file]: columns('columns')})).toEqual(['user']);
	});

	test('a file instead of the folder of the same name', async () => {
		expect(
			await tables({'models/user.ts': tableOf('./columns'), 'models/columns.ts': columns('columns'), 'models/columns/index.ts': 'export {};'}),
		).toEqual(['user']);
	});

	test('CommonJS modules, by file extension', async () => {
		expect(
			await tables({
				'models/a.cjs': "const {integer, table} = require('lite-migr');\nexports.a = table('a', {id: integer().primaryKey()});\n",
				'models/b.cts': "const {integer, table} = require('lite-migr');\nexports.b = table('b', {id: integer().primaryKey()});\n",
				'models/c.cts': "import {integer, table} from 'lite-migr';\nexport const c = table('c', {id: integer().primaryKey()});\n",
			}),
		).toEqual(['a', 'b', 'c']);
	});

	test('each other, if they use imports in functions', async () => {
		expect(
			await tables({
				'models/a.ts':
					"import {integer, table} from 'lite-migr';\nimport {b} from './b';\nexport const a = table('a', {id: integer().primaryKey(), b: integer().references(() => b.id)});\n",
				'models/b.ts':
					"import {integer, table} from 'lite-migr';\nimport {a} from './a';\nexport const b = table('b', {id: integer().primaryKey(), a: integer().references(() => a.id)});\n",
			}),
		).toEqual(['a', 'b']);
	});

	test('JSON and Node modules', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {basename} from 'node:path';\nimport names from './names.json' with {type: 'json'};\nexport const user = table(basename(names.user), {id: integer()});\n",
				'models/names.json': '{"user": "x/user"}',
			}),
		).toEqual(['user']);
	});

	test('JSON without an import attribute', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import names from './names.json';\nimport {integer, table} from 'lite-migr';\nexport const user = table(names.user, {id: integer()});\n",
				'models/names.json': '{"user": "person"}',
			}),
		).toEqual(['person']);
	});

	test('a module with import()', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {table} from 'lite-migr';\nconst {columns} = await import('../shared/columns');\nexport const user = table('user', columns);\n",
				'shared/columns.ts': columns('columns'),
			}),
		).toEqual(['user']);
	});
});

describe('aliases of tsconfig.json', () => {
	const models = {'models/user.ts': tableOf('@/db/columns'), 'source/db/columns.ts': columns('columns')};

	test('are read with comments and trailing commas', async () => {
		expect(
			await tables({
				...models,
				'tsconfig.json': '{\n  // "paths": {},\n  "compilerOptions": {\n    /* where: */ "paths": {"@/*": ["./source/*"],},\n  },\n}\n',
			}),
		).toEqual(['user']);
	});

	test('are read with baseUrl, with and without paths', async () => {
		const tsconfig = '{"compilerOptions": {"baseUrl": "source", "paths": {"@/*": ["./*"]}}}';
		expect(await tables({...models, 'tsconfig.json': tsconfig})).toEqual(['user']);
		expect(await tables({...models, 'models/user.ts': tableOf('db/columns'), 'tsconfig.json': tsconfig})).toEqual(['user']);
	});

	test('are read through extends: a file, a list, a package', async () => {
		const paths = `{"compilerOptions": {"paths": {"@/*": ["\${configDir}/source/*"]}}}`;
		expect(await tables({...models, 'tsconfig.json': '{"extends": "./config/base"}', 'config/base.json': paths})).toEqual(['user']);
		expect(await tables({...models, 'tsconfig.json': '{"extends": ["./config/base.json", "./missing"]}', 'config/base.json': paths})).toEqual([
			'user',
		]);
		expect(
			await tables({
				...models,
				'tsconfig.json': '{"extends": "@acme/tsconfig/base.json"}',
				'node_modules/@acme/tsconfig/package.json': '{}',
				'node_modules/@acme/tsconfig/base.json': paths,
			}),
		).toEqual(['user']);
	});

	test('are relative to the file that defines them, not to the file that extends it', async () => {
		expect(
			await tables({
				...models,
				'tsconfig.json': '{"extends": "./config/base.json"}',
				'config/base.json': '{"compilerOptions": {"paths": {"@/*": ["../source/*"]}}}',
			}),
		).toEqual(['user']);
	});

	test('are read through references, as in the templates of Vite', async () => {
		expect(
			await tables({
				...models,
				'tsconfig.json': '{"files": [], "references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}]}',
				'tsconfig.node.json': '{}',
				'tsconfig.app.json': '{"compilerOptions": {"paths": {"@/*": ["./source/*"]}}}',
			}),
		).toEqual(['user']);
	});

	test('match exactly, then by the longest prefix, and can have several targets', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {table} from 'lite-migr';\nimport {a} from 'exact';\nimport {b} from '@/db/b';\nexport const user = table('user', {...a, ...b});\n",
				'source/exact.ts': "import {integer} from 'lite-migr';\nexport const a = {a: integer()};\n",
				'source/inner/b.ts': "import {integer} from 'lite-migr';\nexport const b = {b: integer()};\n",
				'tsconfig.json':
					'{"compilerOptions": {"paths": {"exact": ["./source/exact.ts"], "@/*": ["./wrong/*"], "@/db/*": ["./missing/*", "./source/inner/*"]}}}',
			}),
		).toEqual(['user']);
	});

	test('take precedence over a package of the same name', async () => {
		expect(
			await tables({
				'models/user.ts': tableOf('@acme/db'),
				'packages/db/index.ts': columns('columns'),
				'node_modules/@acme/db/package.json': '{"name": "@acme/db", "main": "stale.js"}',
				'node_modules/@acme/db/stale.js': 'throw new Error("stale")',
				'tsconfig.json': '{"compilerOptions": {"paths": {"@acme/*": ["./packages/*/index.ts"]}}}',
			}),
		).toEqual(['user']);
	});

	test('are read from a jsconfig.json, and with circular extends', async () => {
		expect(
			await tables({
				...models,
				'jsconfig.json': '{"extends": "./other.json", "compilerOptions": {"paths": {"@/*": ["./source/*"]}}}',
				'other.json': '{"extends": "./jsconfig.json"}',
			}),
		).toEqual(['user']);
	});

	test('that cannot be read are an error with the file', async () => {
		const failure = await modelFolder({...models, 'tsconfig.json': '{"compilerOptions": '}).failure();
		expect(failure).toMatchObject({code: 'model', place: 'tsconfig.json', message: expect.stringContaining('cannot read the path aliases')});
	});

	test('work together with #imports of package.json', async () => {
		expect(
			await tables({
				'models/user.ts': tableOf('#db/columns.js'),
				'source/columns.ts': columns('columns'),
				'package.json': '{"imports": {"#db/*": "./source/*"}}',
			}),
		).toEqual(['user']);
	});
});

describe('TypeScript that Node cannot strip still loads:', () => {
	test('an enum, in the model and in what it imports', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {Other} from './other';\nenum Kind { a = 1, b }\nexport const user = table('user', {kind: integer().default(Kind.b + Other.x)});\n",
				'models/other.ts':
					"import {integer, table} from 'lite-migr';\nexport enum Other { x = 1 }\nexport const other = table('other', {id: integer()});\n",
			}),
		).toEqual(['other', 'user']);
	});

	test('parameter properties and JSX', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {view} from './view';\nclass A { constructor(readonly name: string) {} }\nexport const user = table(new A('user').name, {id: integer()});\nexport {view};\n",
				'models/view.tsx': 'export const view = () => <b>never rendered</b>;\n',
				'node_modules/react/package.json': '{"name": "react", "exports": {"./jsx-runtime": "./jsx.js"}}',
				'node_modules/react/jsx.js': 'exports.jsx = () => null;',
			}),
		).toEqual(['user']);
	});

	test('type-only imports without the word type', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {integer, table, InferRow} from 'lite-migr';\nimport {Kind} from './kinds';\nimport {Gone} from './declared';\nexport const user = table('user', {id: integer().$type<Kind>()});\nexport type Row = InferRow<typeof user> | Gone;\n",
				'models/kinds.ts': 'export type Kind = 1 | 2;\n',
				'models/declared.d.ts': 'export type Gone = never;\n',
			}),
		).toEqual(['user']);
	});

	test('line numbers in errors are correct', async () => {
		const folder = modelFolder({
			'models/user.ts':
				"import {integer, table} from 'lite-migr';\nenum Kind {\n  a = 1,\n  b,\n}\n\nexport const user = table('user', {kind: integer().references('nowhere.id')});\n",
		});
		expect((await folder.failure()).place).toBe('models/user.ts:7');
	});

	test('a namespace is an error with its line', async () => {
		const failure = await modelFolder({'models/user.ts': '\nexport namespace Names {\n  export const user = 1;\n}\n'}).failure();
		expect(failure).toMatchObject({code: 'model', message: 'a TypeScript namespace cannot be loaded', place: 'models/user.ts:2'});
	});
});

describe('CommonJS', () => {
	const user = "const {integer, table} = require('lite-migr');\nmodule.exports = {user: table('user', {id: integer().primaryKey()})};\n";

	test('models load, with their required modules', async () => {
		expect(
			await tables({
				'models/user.js': "const {table} = require('lite-migr');\nconst {columns} = require('../shared');\nexports.user = table('user', columns);\n",
				'shared/index.js': "const {integer} = require('lite-migr');\nexports.columns = {id: integer()};\n",
			}),
		).toEqual(['user']);
	});

	test('is imported once from ES modules', async () => {
		expect(
			await tables({
				'models/post.mjs':
					"import {integer, table} from 'lite-migr';\nimport {user} from './user.js';\nexport const post = table('post', {id: integer(), author: integer().references(() => user.id)});\nexport {user};\n",
				'models/user.js': user,
			}),
		).toEqual(['post', 'user']);
	});

	test('is reread on each load', async () => {
		const folder = modelFolder({'models/user.js': user});
		await folder.load();
		folder.write({'models/user.js': user.replaceAll("'user'", "'account'")});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['account']);
	});

	test('may be written in TypeScript', async () => {
		expect(
			await tables({
				'models/user.ts':
					"const {table} = require('lite-migr');\nconst {columns} = require('./columns');\nmodule.exports = {user: table('user', columns as any)};\n",
				'models/columns.ts': "const {integer} = require('lite-migr');\nconst id: unknown = integer();\nexports.columns = {id};\n",
			}),
		).toEqual(['user']);
	});
});

describe('packages', () => {
	const commonJs = {
		'node_modules/ids/package.json': '{"name": "ids", "main": "ids.js"}',
		'node_modules/ids/ids.js': "const names = require('./names');\nmodule.exports = Object.fromEntries(names.map((name) => [name, 'user']));\n",
		'node_modules/ids/names.js': "module.exports = ['tableName'];\n",
	};

	test('in CommonJS can export names that are only known at run time', async () => {
		expect(
			await tables({
				...commonJs,
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {tableName} from 'ids';\nexport const user = table(tableName, {id: integer()});\n",
			}),
		).toEqual(['user']);
	});

	test('in CommonJS do not need an export that is only a type', async () => {
		expect(
			await tables({
				...commonJs,
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {Id, tableName} from 'ids';\nexport const user = table(tableName, {id: integer().$type<Id>()});\n",
			}),
		).toEqual(['user']);
	});

	test('can contain TypeScript, which Node rejects in packages', async () => {
		expect(
			await tables({
				'models/user.ts':
					"import {integer, table} from 'lite-migr';\nimport {user} from '@acme/db';\nexport {user};\nexport const post = table('post', {id: integer(), author: integer().references(() => user.id)});\n",
				'node_modules/@acme/db/package.json': '{"name": "@acme/db", "type": "module", "exports": "./index.ts"}',
				'node_modules/@acme/db/index.ts': "export * from './user';\n",
				'node_modules/@acme/db/user.ts':
					"import {integer, table} from 'lite-migr';\nenum Name { user = 'user' }\nexport const user = table(Name.user, {id: integer().primaryKey() as never});\n",
			}),
		).toEqual(['post', 'user']);
	});

	test.each(['server-only', 'client-only'])('that only mark where a file may be imported do not need to be installed: %s', async (name) => {
		expect(await tables({'models/user.ts': `import '${name}';\n${tableModule('user')}`})).toEqual(['user']);
		const throwing = {[`node_modules/${name}/package.json`]: '{}', [`node_modules/${name}/index.js`]: "throw new Error('not here');"};
		expect(await tables({...throwing, 'models/user.ts': `import '${name}';\n${tableModule('user')}`})).toEqual(['user']);
		const required = `require('${name}');\nconst {integer, table} = require('lite-migr');\nexports.user = table('user', {id: integer()});\n`;
		expect(await tables({...throwing, 'models/user.js': required})).toEqual(['user']);
	});

	test.each([
		[
			'cloudflare:workers',
			"import {env, WorkerEntrypoint} from 'cloudflare:workers';\nexport const db = open(env.DB);\nexport class Api extends WorkerEntrypoint {}\nfunction open(given) { return given.prepare('SELECT 1').bind(1); }\n",
		],
		['$env/dynamic/private', "import {env} from '$env/dynamic/private';\nexport const url = env.DATABASE_URL;\n"],
		['$env/static/private', "import {DATABASE_URL as url} from '$env/static/private';\nexport {url};\n"],
		[
			'$app/environment',
			"import {browser, building} from '$app/environment';\nif (browser) throw new Error('code of the browser');\nexport const is = building;\n",
		],
		['astro:env/server', "import {SECRET} from 'astro:env/server';\nexport const secret = SECRET;\n"],
	])('that exist only when the program runs do not stop a model: %s', async (_, text) => {
		expect(await tables({'models/user.ts': `${text}${tableModule('user')}`})).toEqual(['user']);
	});

	test('that exist only when the program runs have no value for a model', async () => {
		const text =
			"import {env} from 'cloudflare:workers';\nimport {integer, table} from 'lite-migr';\nexport const user = table(`user_${env.SUFFIX}`, {id: integer()});\n";
		await expect(modelFolder({'models/user.ts': text}).failure()).resolves.toMatchObject({
			place: 'models/user.ts:3',
			message: expect.stringContaining('env of cloudflare:workers exists only when the program runs'),
		});
	});

	test('of another runtime do not need to be installed for a type', async () => {
		const text = `import {Env} from 'cloudflare:workers';\n${tableModule('user')}export const of = (env: Env) => env;\n`;
		expect(await tables({'models/user.ts': text})).toEqual(['user']);
	});
});

describe('an import of lite-migr', () => {
	test('uses the running lite-migr if the project has not installed it, regardless of its package.json', async () => {
		expect(await tables({'models/user.ts': tableModule('user')})).toEqual(['user']);
		expect(await tables({'package.json': '{"type": "module"}', 'models/user.js': tableModule('user')})).toEqual(['user']);
		expect(await tables({'package.json': '{"type": "commonjs"}', 'models/user.ts': tableModule('user')})).toEqual(['user']);
	});

	test('uses the lite-migr of the project if it is installed', async () => {
		const own = [
			"const model = Symbol.for('lite-migr.model');",
			"export const table = (name) => ({[model]: {protocol: 1, kind: 'table', name, source: undefined, statements: () => [{sql: 'CREATE TABLE ' + name + ' (from_its_own)'}]}});",
			'export const integer = () => ({primaryKey: () => ({})});',
		].join('\n');
		const folder = modelFolder({
			'models/user.ts': tableModule('user'),
			'node_modules/lite-migr/package.json': '{"name": "lite-migr", "type": "module", "exports": "./index.js"}',
			'node_modules/lite-migr/index.js': own,
		});
		expect((await folder.load()).tables[0]?.columns.map(({name}) => name)).toEqual(['from_its_own']);
	});

	test('with a newer protocol is rejected', async () => {
		const failure = await modelFolder({
			'models/user.js': "export const user = {[Symbol.for('lite-migr.model')]: {protocol: 2, kind: 'table', name: 'user', statements: () => []}};\n",
		}).failure();
		expect(failure).toMatchObject({code: 'model', message: 'user was created by a newer version of lite-migr', place: 'models/user.js'});
	});
});

test('Node prints no warnings about the files, and lite-migr does not load SQLite for a model', () => {
	const folder = modelFolder({
		'models/user.ts': tableModule('user'),
		'models/kinds.ts': 'export enum Kind { a }\n',
		'models/plain.js': "const {integer, table} = require('lite-migr');\nexports.plain = table('plain', {id: integer()});\n",
		'package.json': '{}',
		'run.mjs': [
			`import {readModuleFiles} from ${JSON.stringify(join(import.meta.dirname, '../../../source/core/models/module-files.ts'))};`,
			`const files = ['kinds.ts', 'plain.js', 'user.ts'].map((name) => new URL('./models/' + name, import.meta.url).pathname);`,
			'const objects = await readModuleFiles(files);',
			"const {createRequire} = await import('node:module');",
			'const native = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("better-sqlite3"));',
			'console.log(JSON.stringify([objects.map(({name}) => name), native]));',
		].join('\n'),
	});
	const {stdout, stderr, status} = spawnSync(process.execPath, [join(folder.path, 'run.mjs')], {encoding: 'utf8'});
	expect({stdout: stdout.trim(), stderr, status}).toEqual({stdout: '[["plain","user"],[]]', stderr: '', status: 0});
});
