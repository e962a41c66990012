import {renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {
	bothApplied,
	type FreshProject,
	freshProject,
	migrations,
	program,
	projectWithLiteMigr,
	projectWithSqlite,
	tools,
	userColumns,
} from './fresh-project.ts';

/** The command that bundles `app.js` into `out/`, for both formats. */
interface Bundler {
	readonly name: string;
	readonly formats: readonly ('esm' | 'cjs')[];
	readonly command: (format: 'esm' | 'cjs') => readonly string[];
	readonly files?: (format: 'esm' | 'cjs') => Readonly<Record<string, string>>;
}

const viteConfig = `export default {
	logLevel: 'warn',
	build: {ssr: 'app.js', outDir: 'out', emptyOutDir: false},
	ssr: {noExternal: true},
};
`;

const webpackConfig = (format: 'esm' | 'cjs') => `export default {
	mode: 'production',
	target: 'node',
	entry: './app.js',
	output: {path: import.meta.dirname + '/out', filename: 'app.js', ${format === 'esm' ? "module: true, chunkFormat: 'module'" : ''}},
	experiments: {outputModule: ${format === 'esm'}},
	stats: 'errors-warnings',
};
`;

const esbuild = ['esbuild', 'app.js', '--bundle', '--platform=node', '--outfile=out/app.js', '--log-level=warning'];

const bundlers: readonly Bundler[] = [
	{name: 'esbuild', formats: ['esm', 'cjs'], command: (format) => [...esbuild, `--format=${format}`]},
	{name: 'esbuild, minified', formats: ['esm', 'cjs'], command: (format) => [...esbuild, `--format=${format}`, '--minify']},
	{
		name: 'rolldown',
		formats: ['esm', 'cjs'],
		command: (format) => [
			join(tools, '../../../node_modules/.bin/rolldown'),
			'app.js',
			'--platform',
			'node',
			'--format',
			format,
			'-d',
			'out',
			'--log-level',
			'warn',
		],
	},
	{
		name: 'webpack',
		formats: ['esm', 'cjs'],
		command: () => ['webpack', '-c', 'webpack.config.mjs'],
		files: (format) => ({'webpack.config.mjs': webpackConfig(format)}),
	},
	{
		name: 'Vite SSR',
		formats: ['esm'],
		command: () => [join(tools, '../../../node_modules/.bin/vite'), 'build'],
		files: () => ({'vite.config.mjs': viteConfig}),
	},
];

async function bundled({command, files}: Bundler, format: 'esm' | 'cjs'): Promise<FreshProject> {
	const type = JSON.stringify({type: format === 'esm' ? 'module' : 'commonjs'});
	const project = projectWithLiteMigr({...migrations, 'app.js': program[format], 'package.json': type, ...files?.(format), 'out/package.json': type});
	const [name = '', ...given] = command(format);
	const {code, output} = await project.run(name, ...given);
	expect({code, warnings: output.replace(/^.*built in.*$|^vite v.*$|^\\s*$/gim, '').trim()}).toMatchObject({code: 0});
	expect(output).not.toMatch(/warning/i);
	return project;
}

describe.each(bundlers)('a bundle of $name', (bundler) => {
	test.each(bundler.formats)('starts as %s on another machine, where only better-sqlite3 is installed, and migrates', async (format) => {
		const built = await bundled(bundler, format);
		const server = projectWithSqlite(migrations);
		renameSync(built.at('out'), server.at('server'));
		rmSync(built.path, {recursive: true});
		expect(await server.run(process.execPath, 'server/app.js')).toEqual(bothApplied);
		expect(server.columns('app.db', 'user')).toEqual(userColumns);
	});
});

test.each(['esm', 'cjs'] as const)('a bundle of esbuild starts as %s with node:sqlite if nothing is installed', async (format) => {
	const built = await bundled({name: 'esbuild', formats: [format], command: () => [...esbuild, `--format=${format}`]}, format);
	const server = freshProject(migrations);
	renameSync(built.at('out'), server.at('server'));
	rmSync(built.path, {recursive: true});
	expect(await server.run(process.execPath, 'server/app.js')).toEqual(bothApplied);
	expect(server.columns('app.db', 'user')).toEqual(userColumns);
});
