import {describe, expect, test} from 'vitest';
import {modelFolder, tableModule} from './model-folder.ts';

const imports = "import {index, integer, table, text} from 'lite-migr';\n";

describe('what a module of the user does wrong is told with file and line', () => {
	test.each([
		['a syntax error', '\nexport const = 1;\n', 'models/user.ts:2', /Unexpected token/],
		['a type that is cut off', '\n\nexport type A = ;\n', 'models/user.ts:3', /./],
		['an unknown name', '\nexport const a = undefinedName;\n', 'models/user.ts:2', /the module threw ReferenceError: undefinedName is not defined/],
		['a thrown error', "\n\nthrow new TypeError('no\\nidea');\n", 'models/user.ts:3', /the module threw TypeError: no idea/],
		['a thrown text', "throw 'nothing works';\n", 'models/user.ts', /the module threw "nothing works"/],
		['an import of nothing', "\nimport './nothing';\n", 'models/user.ts:2', /user.ts imports .\/nothing, which is not there/],
		[
			'an import of a package that is not installed',
			"\nimport {x} from '@acme/orm/core';\nexport const y = x;\n",
			'models/user.ts:2',
			/imports @acme\/orm\/core, which is not there/,
		],
		[
			'an import of a name that is not there',
			`${imports}import {gone} from './other.mjs';\nexport {gone};\n`,
			'models/user.ts:2',
			/does not provide an export named 'gone'/,
		],
		[
			'a mistake in a table',
			`${imports}\nexport const user = table('user', {\n  id: integer(),\n  x: 1 as never,\n});\n`,
			'models/user.ts:3',
			/x of table user is not a column/,
		],
		[
			'a reference to nothing',
			`${imports}export const user = table('user', {\n  id: integer(),\n  team: integer().references(() => undefined as never),\n});\n`,
			'models/user.ts:4',
			/user.team refers to nothing/,
		],
		[
			'an index on nothing',
			`${imports}export const user = table('user', {id: integer()}, (t) => [\n  index('i').on((t as any).nme),\n]);\n`,
			'models/user.ts:3',
			/entry 1 of index i is undefined/,
		],
		[
			'a callback that throws',
			`${imports}export const user = table('user', {id: integer()}, () => {\n  throw new Error('oh');\n});\n`,
			'models/user.ts:3',
			/the module threw Error: oh/,
		],
		[
			'an index for itself',
			`${imports}export const user = table('user', {id: integer()});\nexport const i = index('i').on(user.id);\n`,
			'models/user.ts:3',
			/the index i stands outside of a table/,
		],
		[
			'nonsense in an expression',
			`${imports}import {sql} from 'lite-migr';\nexport const user = table('user', {\n  id: integer().check(sql\`\${1} > (\`),\n});\n`,
			'models/user.ts:3',
			/./,
		],
		[
			'SQL that SQLite refuses',
			`${imports}export const user = table('user', {\n  id: text().primaryKey({autoIncrement: true}),\n});\n`,
			'models/user.ts:2',
			/AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY/,
		],
	])('%s', async (_, text, place, message) => {
		const failure = await modelFolder({'models/user.ts': text, 'models/other.mjs': 'export {};\n'}).failure();
		expect(failure).toMatchObject({code: 'model', place, message: expect.stringMatching(message)});
		expect(failure.message).not.toContain('\n');
		expect(failure.message).not.toMatch(/at .*:\d+:\d+|node:internal/);
	});

	test('in CommonJS too', async () => {
		expect(await modelFolder({'models/user.js': '\nexports.a = ;\n'}).failure()).toMatchObject({
			place: 'models/user.js:2',
			message: "Unexpected token ';'",
		});
		expect(await modelFolder({'models/user.js': '\n\nexports.a = nothing;\n'}).failure()).toMatchObject({place: 'models/user.js:3'});
		expect(await modelFolder({'models/user.js': "\nconst x = require('./gone');\nexports.x = x;\n"}).failure()).toMatchObject({
			place: 'models/user.js:2',
			message: 'user.js imports ./gone, which is not there',
		});
	});

	test('in a module that a model imports', async () => {
		const failure = await modelFolder({'models/user.ts': "import '../shared/broken';\n", 'shared/broken.ts': '\n\nnull.x;\n'}).failure();
		expect(failure).toMatchObject({place: 'shared/broken.ts:3', message: expect.stringContaining('TypeError: Cannot read properties of null')});
	});

	test.each([
		['a text that is cut off', 'export const a = ;\n', /Unexpected token|Expression expected/],
		['a name that is declared twice', 'export const a = 1; let a;\n', /'a' has already been declared/],
	])('of an ES module in JavaScript or TypeScript: %s', async (_, text, message) => {
		for (const name of ['broken.mjs', 'broken.ts']) {
			const failure = await modelFolder({
				'models/user.ts': `import '../shared/${name}';\nimport './other';\n`,
				'models/other.ts': 'export {};\n',
				[`shared/${name}`]: `import.meta.url;\nawait 1;\n${text}`,
			}).failure();
			expect(failure).toMatchObject({code: 'model', place: `shared/${name}:3`, message: expect.stringMatching(message)});
		}
	});

	test('where a decorator stands', async () => {
		const failure = await modelFolder({'models/user.ts': '\nenum A { a }\nconst mark: any = () => {};\n@mark\nexport class User {}\n'}).failure();
		expect(failure).toMatchObject({place: 'models/user.ts:4', hint: 'decorators are no JavaScript yet: move what they are on out of this file'});
	});

	test.each([
		['bun:sqlite', 'only another runtime has it: take the import out, or keep this file out of models_dir, which may be one file'],
		['cloudflare:workers', 'only another runtime has it'],
		['$env/dynamic/private', 'say where $env/ leads, in compilerOptions.paths of tsconfig.json, or keep this file out of models_dir'],
		['@/env', 'say where @/ leads, in compilerOptions.paths of tsconfig.json'],
		['#imports', 'say where it leads in "imports" of package.json'],
	])('with a hint where %s is imported, which is no package', async (specifier, hint) => {
		const failure = await modelFolder({'models/db.ts': `\nimport {x} from '${specifier}';\nexport const y = x;\n`}).failure();
		expect(failure).toMatchObject({
			place: 'models/db.ts:2',
			message: `db.ts imports ${specifier}, which is not there`,
			hint: expect.stringContaining(hint),
		});
	});

	test('with a hint where a module misses what it needs to run', async () => {
		const failure = await modelFolder({
			'models/db.ts': "import '../env';\n",
			'env.ts': "\nif (!process.env.NO_SUCH_VARIABLE) throw new Error('NO_SUCH_VARIABLE is not set');\n",
		}).failure();
		expect(failure).toMatchObject({
			place: 'env.ts:2',
			message: 'the module threw Error: NO_SUCH_VARIABLE is not set',
			hint: 'models are imported to be read, with all that they import: give it what it needs, or keep this file out of models_dir, which may be one file',
		});
	});

	test('with a hint where a package is missing, and where modules import each other', async () => {
		expect((await modelFolder({'models/user.ts': "import 'left-pad/x';\n"}).failure()).hint).toContain('npm install left-pad');
		const failure = await modelFolder({
			'models/a.ts': `${imports}import {b} from './b';\nexport const a = table('a', {id: integer().primaryKey(), b: integer().references('b.id')}, () => []);\nexport const x = b;\n`,
			'models/b.ts': `${imports}import {a} from './a';\nexport const b = table('b', {id: a.id as never});\n`,
		}).failure();
		expect(failure).toMatchObject({place: 'models/b.ts:3', hint: expect.stringContaining('two model files that import each other')});
	});

	test('when it waits for ever', async () => {
		const failure = await modelFolder({'models/user.ts': 'await new Promise(() => {});\nexport {};\n'}).failure();
		expect(failure).toMatchObject({code: 'model', place: 'models/user.ts', message: expect.stringContaining('can never settle')});
	});

	test('but an export that refuses to be looked at, or answers to anything, is none of our business', async () => {
		const folder = modelFolder({
			'models/db.ts': [
				"const refuse = () => { throw new Error('not connected'); };",
				'export const closed = new Proxy({}, {get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse});',
				'const any: any = new Proxy(() => any, {get: () => any});',
				'export const open = any;',
				"export default {get late() { throw new Error('too early'); }};",
			].join('\n'),
			'models/user.ts': tableModule('user'),
		});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['user']);
	});

	test('and the next load works when it is mended', async () => {
		const folder = modelFolder({'models/user.ts': 'export const = 1;'});
		await folder.failure();
		folder.write({'models/user.ts': tableModule('user')});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['user']);
	});
});
