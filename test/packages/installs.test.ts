import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {bun, type FreshProject, freshProject, toml, tools} from './fresh-project.ts';

const packed = process.env.PACKED ?? '';

interface PackageManager {
	readonly name: string;
	readonly install: (project: FreshProject, ...packages: readonly string[]) => ReturnType<FreshProject['run']>;
	/** Runs an installed command. */
	readonly lite: (project: FreshProject, ...argv: readonly string[]) => ReturnType<FreshProject['run']>;
}

const script = (path: string) => join(tools, path);
const fromBin: PackageManager['lite'] = (project, ...argv) => project.run(project.at('node_modules/.bin/lite-migr'), ...argv);

const npm = (version: 10 | 11 | 12): PackageManager => ({
	name: `npm ${version}`,
	install: (project, ...packages) =>
		project.run(process.execPath, script(`npm-${version}/bin/npm-cli.js`), 'install', '--save-dev', '--no-audit', '--no-fund', ...packages),
	lite: fromBin,
});

const yarn4 = (linker: 'pnp' | 'node-modules'): PackageManager => ({
	name: `Yarn 4, ${linker}`,
	install(project, ...packages) {
		project.write('.yarnrc.yml', `nodeLinker: ${linker}\nenableTelemetry: false\n`);
		project.write('yarn.lock', '');
		const named = packages.map((each) => (each === packed ? `lite-migr@file:${each}` : each));
		return project.run(process.execPath, script('@yarnpkg/cli-dist/bin/yarn.js'), 'add', '--dev', ...named);
	},
	lite: (project, ...argv) => project.run(process.execPath, script('@yarnpkg/cli-dist/bin/yarn.js'), 'lite-migr', ...argv),
});

const managers: readonly PackageManager[] = [
	npm(10),
	npm(11),
	npm(12),
	{
		name: 'pnpm 10',
		install: (project, ...packages) => project.run(process.execPath, script('pnpm/bin/pnpm.cjs'), 'add', '--save-dev', ...packages),
		lite: fromBin,
	},
	{
		name: 'Yarn 1',
		install: (project, ...packages) => project.run(process.execPath, script('yarn-1/bin/yarn.js'), 'add', '--dev', '--no-progress', ...packages),
		lite: fromBin,
	},
	yarn4('node-modules'),
	yarn4('pnp'),
	{name: 'Bun', install: (project, ...packages) => project.run(bun, 'add', '--dev', ...packages), lite: fromBin},
];

describe.each(managers)('$name', ({install, lite}) => {
	test('installs lite-migr next to an old drizzle-orm without a conflict or a warning about lite-migr, and the command works', async () => {
		const project = freshProject({
			'package.json': '{"name": "app", "version": "1.0.0", "license": "MIT", "private": true}',
			'migrate.toml': toml.replace('./models', './models.sql'),
			'models.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n',
		});
		const {code, output} = await install(project, packed, 'drizzle-orm@0.33.0');
		expect({code, output}).toMatchObject({code: 0});
		const warnings = output.split('\n').filter((line) => /ERESOLVE|warn.*lite-migr|lite-migr.*(?:script|prepare|peer)/i.test(line));
		expect(warnings).toEqual([]);
		for (const argv of [['create', 'user'], ['upgrade'], ['check']]) expect(await lite(project, ...argv)).toMatchObject({code: 0});
		expect(project.columns('app.db', 'user')).toEqual(['id', 'name']);
	});
});
