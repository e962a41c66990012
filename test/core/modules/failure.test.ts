import {describe, expect, test} from 'vitest';
import {modelFolder, tableModule} from '../models/model-folder.ts';

const imports = "import {index, integer, table, text} from 'lite-migr';\n";

describe('an error in a user module is reported with file and line', () => {
	test.each([
		['a syntax error', '\nexport const = 1;\n', 'models/user.ts:2', /Unexpected token/],
		['an incomplete type', '\n\nexport type A = ;\n', 'models/user.ts:3', /./],
		['an unknown name', '\nexport const a = undefinedName;\n', 'models/user.ts:2', /the module threw ReferenceError: undefinedName is not defined/],
		['a thrown error', "\n\nthrow new TypeError('no\\nidea');\n", 'models/user.ts:3', /the module threw TypeError: no idea/],
		['a thrown string', "throw 'nothing works';\n", 'models/user.ts', /the module threw "nothing works"/],
		['an import of a missing file', "\nimport './nothing';\n", 'models/user.ts:2', /user.ts imports .\/nothing, which does not exist/],
		[
			'an import of a package that is not installed',
			"\nimport {x} from '@acme/orm/core';\nexport const y = x;\n",
			'models/user.ts:2',
			/imports @acme\/orm\/core, which does not exist/,
		],
		[
			'an import of a missing name',
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
			'a reference to undefined',
			`${imports}export const user = table('user', {\n  id: integer(),\n  team: integer().references(() => undefined as never),\n});\n`,
			'models/user.ts:4',
			/user.team refers to nothing/,
		],
		[
			'an index on undefined',
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
			'an exported index',
			`${imports}export const user = table('user', {id: integer()});\nexport const i = index('i').on(user.id);\n`,
			'models/user.ts:3',
			/the index i is not part of a table/,
		],
		[
			'an invalid value in an expression',
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

	test('in a CommonJS module', async () => {
		expect(await modelFolder({'models/user.js': '\nexports.a = ;\n'}).failure()).toMatchObject({
			place: 'models/user.js:2',
			message: "Unexpected token ';'",
		});
		expect(await modelFolder({'models/user.js': '\n\nexports.a = nothing;\n'}).failure()).toMatchObject({place: 'models/user.js:3'});
		expect(await modelFolder({'models/user.js': "\nconst x = require('./gone');\nexports.x = x;\n"}).failure()).toMatchObject({
			place: 'models/user.js:2',
			message: 'user.js imports ./gone, which does not exist',
		});
	});

	test('in a module that a model imports', async () => {
		const failure = await modelFolder({'models/user.ts': "import '../shared/broken';\n", 'shared/broken.ts': '\n\nnull.x;\n'}).failure();
		expect(failure).toMatchObject({place: 'shared/broken.ts:3', message: expect.stringContaining('TypeError: Cannot read properties of null')});
	});

	test.each([
		['an incomplete statement', 'export const a = ;\n', /Unexpected token|Expression expected/],
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

	test('for a decorator', async () => {
		const failure = await modelFolder({'models/user.ts': '\nenum A { a }\nconst mark: any = () => {};\n@mark\nexport class User {}\n'}).failure();
		expect(failure).toMatchObject({
			place: 'models/user.ts:4',
			hint: 'move decorated code to another file: JavaScript does not support decorators yet',
		});
	});

	test.each([
		['bun:sqlite', 'remove the import, which only exists in another runtime, or move this file out of models_dir, which can be a single file'],
		['@/env', 'define @/ in compilerOptions.paths of tsconfig.json'],
		['#imports', 'define it in "imports" of package.json'],
	])('with a hint if %s is imported, which is not a package', async (specifier, hint) => {
		const failure = await modelFolder({'models/db.ts': `\nimport {x} from '${specifier}';\nexport const y = x;\n`}).failure();
		expect(failure).toMatchObject({
			place: 'models/db.ts:2',
			message: `db.ts imports ${specifier}, which does not exist`,
			hint: expect.stringContaining(hint),
		});
	});

	test('with a hint if a module lacks something that it needs to run', async () => {
		const failure = await modelFolder({
			'models/db.ts': "import '../env';\n",
			'env.ts': "\nif (!process.env.NO_SUCH_VARIABLE) throw new Error('NO_SUCH_VARIABLE is not set');\n",
		}).failure();
		expect(failure).toMatchObject({
			place: 'env.ts:2',
			message: 'the module threw Error: NO_SUCH_VARIABLE is not set',
			hint: 'provide what the module needs, since lite-migr imports models and everything they import, or move this file out of models_dir, which can be a single file',
		});
	});

	test('with a hint if a package is missing, or if modules import each other', async () => {
		expect((await modelFolder({'models/user.ts': "import 'left-pad/x';\n"}).failure()).hint).toContain('npm install left-pad');
		const failure = await modelFolder({
			'models/a.ts': `${imports}import {b} from './b';\nexport const a = table('a', {id: integer().primaryKey(), b: integer().references('b.id')}, () => []);\nexport const x = b;\n`,
			'models/b.ts': `${imports}import {a} from './a';\nexport const b = table('b', {id: a.id as never});\n`,
		}).failure();
		expect(failure).toMatchObject({place: 'models/b.ts:3', hint: expect.stringContaining('if two model files import each other')});
	});

	test('if it waits forever', async () => {
		const failure = await modelFolder({'models/user.ts': 'await new Promise(() => {});\nexport {};\n'}).failure();
		expect(failure).toMatchObject({code: 'model', place: 'models/user.ts', message: expect.stringContaining('awaits a promise that never settles')});
	});

	test('but an export that throws when it is inspected, or has every property, is ignored', async () => {
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

	test('and the next load works after it is fixed', async () => {
		const folder = modelFolder({'models/user.ts': 'export const = 1;'});
		await folder.failure();
		folder.write({'models/user.ts': tableModule('user')});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['user']);
	});
});
