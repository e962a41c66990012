import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {
	bothApplied,
	bun,
	deno,
	type FreshProject,
	migrations,
	program,
	projectWithLiteMigr,
	sqlMigrations,
	toml,
	userColumns,
} from './fresh-project.ts';

const model = {
	'models/user.ts':
		"import {integer, table, text} from 'lite-migr';\nexport const user = table('user', {id: integer().primaryKey(), name: text().notNull(), age: integer(), city: text()});\n",
};

const runtimes = [
	{name: 'Bun', command: [bun]},
	{name: 'Deno', command: [deno, 'run', '-A', '--no-lock']},
] as const;

describe.each(runtimes)('$name', ({command: [runtime, ...options]}) => {
	const run = (project: FreshProject, ...argv: readonly string[]) => project.run(runtime, ...options, ...argv);

	test.each(['esm', 'cjs'] as const)('runs a program that migrates: %s', async (format) => {
		const name = format === 'esm' ? 'app.mjs' : 'app.cjs';
		const project = projectWithLiteMigr({...migrations, [name]: program[format]});
		expect(await run(project, name)).toEqual(bothApplied);
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('runs the commands', async () => {
		const project = projectWithLiteMigr({...migrations, ...model, 'migrate.toml': toml});
		const lite = (...argv: readonly string[]) => run(project, 'node_modules/lite-migr/dist/cli.js', ...argv);
		for (const argv of [['status'], ['upgrade'], ['create', 'city'], ['upgrade'], ['check'], ['downgrade', '--yes'], ['status']]) {
			expect({argv, ...(await lite(...argv))}).toMatchObject({argv, code: 0});
		}
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('runs migrations in SQL', async () => {
		const project = projectWithLiteMigr({...sqlMigrations, 'app.mjs': program.esm});
		expect(await run(project, 'app.mjs')).toEqual(bothApplied);
	});
});

describe('a package that ships migrations in TypeScript', () => {
	const files = Object.fromEntries(Object.entries(migrations).map(([name, text]) => [`node_modules/shop/${name}`, text]));
	const app = program.esm.replace("'migrations'", "'node_modules/shop/migrations'");

	test.each([
		['Node', process.execPath],
		['Bun', bun],
	] as const)('works in %s', async (_, runtime) => {
		const project = projectWithLiteMigr({'app.mjs': app});
		for (const [name, text] of Object.entries(files)) project.write(name, text);
		expect(await project.run(runtime, 'app.mjs')).toEqual(bothApplied);
	});

	test('fails in Deno with an error that names the formats that work', async () => {
		const project = projectWithLiteMigr({'app.mjs': app});
		for (const [name, text] of Object.entries(files)) project.write(name, text);
		const {code, output} = await project.run(deno, 'run', '-A', '--no-lock', 'app.mjs');
		expect(code).toBe(1);
		expect(output).toContain('Deno does not load TypeScript from node_modules');
		expect(output).toContain('format = "sql"');
	});
});

describe('programs in TypeScript', () => {
	const typed = {'app.ts': `declare const process: {exitCode: number};\nenum Not {Erasable}\nvoid Not;\n${program.esm}`};

	test('run with tsx', async () => {
		const project = projectWithLiteMigr({...migrations, ...typed});
		expect(await project.run('tsx', 'app.ts')).toEqual(bothApplied);
	});

	test('run with ts-node, compiled to CommonJS', async () => {
		const compilerOptions = {module: 'commonjs', moduleResolution: 'node10', target: 'es2022', strict: true, types: [], lib: ['es2022', 'dom']};
		const project = projectWithLiteMigr({...migrations, ...typed, 'tsconfig.json': JSON.stringify({compilerOptions})});
		expect(await project.run('ts-node', 'app.ts')).toEqual(bothApplied);
	});
});

describe('test runners', () => {
	const body = `
		test('migrates', async () => {
			const events = [];
			for await (const event of apply({database: 'app.db', migrationsDir: 'migrations'})) events.push(event);
			console.log(JSON.stringify(events.at(-1)));
			expect(events.at(-1).type).toBe('done');
		});
	`;

	test.each(['forks', 'threads'] as const)('Vitest migrates: %s', async (pool) => {
		const vitest = join(import.meta.dirname, '../../node_modules/.bin/vitest');
		const project = projectWithLiteMigr({
			...migrations,
			'app.test.js': `import {apply} from 'lite-migr';\n${body}`,
			'vitest.config.mjs': `export default {test: {globals: true, pool: '${pool}'}};`,
		});
		const {code, output} = await project.run(vitest, 'run');
		expect({code, output}).toEqual({code: 0, output: expect.stringContaining('1 passed')});
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('Vitest in a vm pool migrates with migrations in SQL', async () => {
		const vitest = join(import.meta.dirname, '../../node_modules/.bin/vitest');
		const project = projectWithLiteMigr({
			...sqlMigrations,
			'app.test.js': `import {apply} from 'lite-migr';\n${body}`,
			'vitest.config.mjs': `export default {test: {globals: true, pool: 'vmThreads'}};`,
		});
		expect(await project.run(vitest, 'run')).toMatchObject({code: 0});
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('Vitest in a vm pool migrates with migrations in TypeScript that contain only calls with literals', async () => {
		const vitest = join(import.meta.dirname, '../../node_modules/.bin/vitest');
		const [[first, text]] = Object.entries(migrations) as [[string, string]];
		const project = projectWithLiteMigr({
			[first]: text,
			'app.test.js': `import {apply} from 'lite-migr';\n${body}`,
			'vitest.config.mjs': `export default {test: {globals: true, pool: 'vmThreads'}};`,
		});
		expect(await project.run(vitest, 'run')).toMatchObject({code: 0});
		expect(project.columns('app.db', 'user')).toEqual(['id', 'name']);
	});

	test('node --test migrates', async () => {
		const header =
			"import {test} from 'node:test';\nimport {apply} from 'lite-migr';\nconst expect = (value) => ({toBe: (other) => assert.equal(value, other)});\n";
		const project = projectWithLiteMigr({...migrations, 'app.test.mjs': `import assert from 'node:assert';\n${header}${body}`});
		expect(await project.run(process.execPath, '--test')).toMatchObject({code: 0});
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('Vitest in a vm pool fails with migrations in TypeScript, with an error that names what works', async () => {
		const vitest = join(import.meta.dirname, '../../node_modules/.bin/vitest');
		const project = projectWithLiteMigr({
			...migrations,
			'app.test.js': `import {apply} from 'lite-migr';\n${body}`,
			'vitest.config.mjs': `export default {test: {globals: true, pool: 'vmThreads'}};`,
		});
		const {code, output} = await project.run(vitest, 'run');
		expect(code).toBe(1);
		expect(output).toContain('this test runner does not let lite-migr load TypeScript and JavaScript files');
		expect(output).toContain('Vitest in the pool forks or threads');
	});

	const jest = (project: FreshProject) => project.runWith({NODE_OPTIONS: '--experimental-vm-modules'}, 'jest', '--rootDir', '.');

	test('Jest migrates with migrations in SQL', async () => {
		const project = projectWithLiteMigr({...sqlMigrations, 'app.test.js': `const {apply} = require('lite-migr');\n${body}`});
		expect(await jest(project)).toMatchObject({code: 0});
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});

	test('Jest tests a migration in each of several files of one process', async () => {
		const [last = ''] = Object.keys(sqlMigrations).sort().reverse();
		const name = last.replace(/^.*\//, '').replace(/\.sql$/, '');
		const text = `const {migrationTest} = require('lite-migr/test');\ntest('x', () => migrationTest('${name}', {migrations: 'migrations', downgrade: true, consent: true}));\n`;
		const project = projectWithLiteMigr({...sqlMigrations, 'a.test.js': text, 'b.test.js': text});
		const {code, output} = await project.runWith({NODE_OPTIONS: '--experimental-vm-modules'}, 'jest', '--rootDir', '.', '--runInBand');
		expect([code, output]).toEqual([0, expect.stringContaining('2 passed')]);
	});

	test('Jest fails with migrations in TypeScript, with an error that names the format that works', async () => {
		const project = projectWithLiteMigr({...migrations, 'app.test.js': `const {apply} = require('lite-migr');\n${body}`});
		const {code, output} = await jest(project);
		expect(code).toBe(1);
		expect(output).toContain('this test runner does not let lite-migr load TypeScript and JavaScript files');
		expect(output).toContain('format = \\"sql\\"');
	});
});
