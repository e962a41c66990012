import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {MigrError} from '../../../../errors.ts';
import {clean} from '../../../../text/clean.ts';
import {thrownText} from '../../../../text/thrown.ts';
import type {BindingDriver} from './bound-value.ts';
import type {CodeTool, ToolContext} from './code-tool.ts';

/**
 * Loads the tool that the migrations in a folder would import.
 *
 * @throws MigrError `config` if it is not installed, or does not load
 */
export async function packageOf(
	{tool, package: name}: CodeTool,
	folder: string,
	driver: BindingDriver,
): Promise<{readonly context: ToolContext; readonly version: string}> {
	const require = createRequire(join(folder, 'migration.js'));
	let path: string;
	try {
		path = require.resolve(name);
	} catch (cause) {
		throw new MigrError('config', `${tool} is not installed in the project`, {
			location: {file: folder},
			details: [`the migrations are code, so lite-migr runs them with the project's own ${tool}, on an empty database in memory`],
			hint: `run npm install ${name}, or adopt the database without its history: lite-migr baseline <name>`,
			cause,
		});
	}
	try {
		const module: {readonly default?: unknown} = await import(
			/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ pathToFileURL(path).href
		);
		// Knex is CommonJS, so the function is the default export.
		const exported = typeof module.default === 'function' ? module.default : module;
		return {context: {package: exported, require, driver}, version: versionOf(path, name)};
	} catch (cause) {
		throw new MigrError('config', `${tool} cannot be loaded: ${clean(thrownText(cause))}`, {
			location: {file: path},
			hint: `run npm install ${name}`,
			cause,
		});
	}
}

function versionOf(path: string, name: string): string {
	for (let at = dirname(path); dirname(at) !== at; at = dirname(at)) {
		const manifest = join(at, 'package.json');
		if (!existsSync(manifest)) continue;
		const content: {readonly name?: unknown; readonly version?: unknown} = JSON.parse(readFileSync(manifest, 'utf8'));
		if (content.name === name) return clean(String(content.version));
	}
	return '';
}
