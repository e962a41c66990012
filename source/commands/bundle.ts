import {existsSync, readFileSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {makeFolder, replaceFile} from '../core/config/files.ts';
import {MigrError} from '../core/errors.ts';
import {bundleText} from '../core/migrations/bundle/bundle-text.ts';
import {compileBundle} from '../core/migrations/bundle/compile-bundle.ts';
import {migrationsIn} from '../core/migrations/files/source.ts';
import {requireOwnHistory} from '../core/migrations/project.ts';
import {clean} from '../core/text/clean.ts';
import {bytes, plural} from '../core/text/numbers.ts';
import type {BundleJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const bundle = defineCommand({
	name: 'bundle',
	summary: 'write all migrations as one JavaScript module, for apps and devices',
	flags: {
		out: {type: 'string', value: 'FILE', help: 'the module to write: .ts, or .js or .mjs (required)'},
		check: {type: 'boolean', help: 'for CI: write nothing, and exit with code 4 if the module is out of date'},
	},
	description: [
		'Compiles each migration to SQL that keeps every row in any driver, with foreign keys on or off, and writes all of them as a module that exports migrations. lite-migr/runtime applies it through the connection of the program: migrate(nodeSqlite(db), migrations). That needs no file system, no native code and no module of Node.',
		'It needs no database. It stops with file and line at anything that a device cannot run, such as code (op.run) or transaction = false.',
		'The same migrations always produce the same file, so it can be committed. Run lite-migr bundle again after each change of a migration.',
	],
	examples: [
		['lite-migr bundle --out src/migrations.ts', 'write the module'],
		['lite-migr bundle --out src/migrations.ts --check', 'for CI: is it up to date?'],
	],
	async run(context) {
		const {flags, cwd, output} = context;
		const config = configOf(context);
		requireOwnHistory(config, 'bundle', 'wrangler d1 migrations apply runs these files, and keeps its own history');
		const {out} = flags;
		const format = /\.([mc]?[jt]s)$/.exec(out ?? '')?.[1];
		if (out === undefined || format === undefined || format.startsWith('c')) {
			throw new MigrError('usage', out === undefined ? 'bundle needs the path of the module: --out FILE' : `${clean(out)} is not an ES module`, {
				hint: 'for example: lite-migr bundle --out src/migrations.ts (or .js)',
			});
		}
		const path = resolve(cwd, out);
		if (dirname(path) === resolve(config.migrationsDir)) {
			throw new MigrError('usage', `${clean(out)} is in the migrations folder, where every file is a migration`, {
				hint: 'write it to another folder: lite-migr bundle --out src/migrations.ts',
			});
		}
		const compiled = await compileBundle(migrationsIn(config.migrationsDir));
		const text = bundleText(compiled.bundle, format.endsWith('ts') ? 'ts' : 'js');
		const current = existsSync(path) && readFileSync(path, 'utf8').replaceAll('\r\n', '\n') === text;
		if (!flags.check && !current) {
			makeFolder(dirname(path));
			replaceFile(path, text);
		}
		const {migrations} = compiled.bundle;
		const needs = migrations.flatMap(({name, up}) => (up?.needs === undefined ? [] : [{name, needs: up.needs}]));
		const size = Buffer.byteLength(text);
		output.json({
			out: path,
			bytes: size,
			migrations: migrations.map(({name}) => name),
			withoutDown: compiled.withoutDown,
			needs,
			current,
		} satisfies BundleJson);
		const shown = shownPath(path, cwd);
		const contents = `${plural(migrations.length, 'migration')}, ${bytes(size)}`;
		if (current) output.line(`✔ ${shown} is up to date: ${contents}`);
		else if (flags.check) output.line(`${output.paint('drop', '✗')} ${shown} ${existsSync(path) ? 'is out of date' : 'does not exist'}`);
		else output.line(`✔ wrote ${shown}: ${contents}`);
		for (const {name, needs: needed} of needs) output.line(`! ${clean(name)} does not run everywhere: it needs ${needsText(needed)}`);
		for (const {name, reason} of compiled.withoutDown) output.line(`! ${clean(name)} cannot be undone on a device: ${reason}`);
		if (current || !flags.check) return exitCode.done;
		output.line(`  run lite-migr bundle --out ${shown}`);
		return exitCode.differs;
	},
});

function needsText({foreignKeysOff, legacyAlterTable, statementBytes, columns, modules = []}: BundleJson['needs'][number]['needs']): string {
	return [
		...(foreignKeysOff === true ? ['a connection that can switch foreign keys off'] : []),
		...(legacyAlterTable === true ? ['PRAGMA legacy_alter_table'] : []),
		...(statementBytes === undefined ? [] : [`statements of ${bytes(statementBytes)}`]),
		...(columns === undefined ? [] : [`tables with ${columns} columns`]),
		...modules.map((module) => `the module ${clean(module)}`),
	].join(', ');
}
