import {cpSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {bothApplied, type FreshProject, migrations, program, projectWithLiteMigr, tools, userColumns} from './fresh-project.ts';

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
	test.each(bundler.formats)('starts as %s and migrates, without lite-migr in node_modules', async (format) => {
		const project = await bundled(bundler, format);
		rmSync(project.at('node_modules/lite-migr'), {recursive: true});
		expect(await project.run(process.execPath, 'out/app.js')).toEqual(bothApplied);
		expect(project.columns('app.db', 'user')).toEqual(userColumns);
	});
});

test.each(bundlers.filter(({name}) => name !== 'esbuild, minified'))('a bundle of $name can be moved to another machine', async (bundler) => {
	for (const format of bundler.formats) {
		const project = await bundled(bundler, format);
		const other = projectWithLiteMigr({...migrations});
		rmSync(other.at('node_modules/lite-migr'), {recursive: true});
		cpSync(project.at('out'), other.at('server'), {recursive: true});
		rmSync(project.path, {recursive: true});
		expect({format, ...(await other.run(process.execPath, 'server/app.js'))}).toEqual({format, ...bothApplied});
	}
});
