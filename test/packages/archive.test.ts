import {rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {bothApplied, migrations, program, projectWithLiteMigr, sqlMigrations, tools, userColumns} from './fresh-project.ts';

const asar = createRequire(join(tools, 'package.json'))('@electron/asar') as {
	createPackage(folder: string, file: string): Promise<void>;
};

/**
 * Lets `node:fs` read what is in `app.asar`, as Electron does for a program in its archive (https://www.electronjs.org/docs/latest/tutorial/asar-archives).
 * Electron itself is not installed here. Its module loader is Node's, which does not see these changes.
 */
const patch = `
const fs = require('node:fs');
const path = require('node:path');
const asar = require(${JSON.stringify(createRequire(join(tools, 'package.json')).resolve('@electron/asar'))});
const archive = path.resolve('app.asar');
const inside = (file) => {
	const name = typeof file === 'string' ? file : '';
	return name.startsWith(archive + path.sep) ? name.slice(archive.length + 1) : undefined;
};
const original = {...fs};
const files = new Set(asar.listPackage(archive).map((name) => name.slice(1)));
fs.readFileSync = (file, options) => {
	if (inside(file) === undefined) return original.readFileSync(file, options);
	const bytes = asar.extractFile(archive, inside(file));
	return options === undefined ? bytes : bytes.toString(options.encoding ?? options);
};
fs.existsSync = (file) => (inside(file) === undefined ? original.existsSync(file) : files.has(inside(file)));
fs.readdirSync = (folder, options) => {
	if (inside(folder) === undefined) return original.readdirSync(folder, options);
	return [...files].filter((name) => path.dirname(name) === inside(folder)).map((name) => ({name: path.basename(name), isDirectory: () => false, isFile: () => true}));
};
`;

test.each([
	['TypeScript', migrations],
	['SQL', sqlMigrations],
] as const)('migrations in an archive that only node:fs can read are applied: %s', async (_, files) => {
	const app = program.cjs.replace("'migrations'", "require('node:path').resolve('app.asar/migrations')");
	const project = projectWithLiteMigr({'app.cjs': `${patch}\n${app}`});
	for (const [name, text] of Object.entries(files)) project.write(`resources/${name}`, text);
	await asar.createPackage(project.at('resources'), project.at('app.asar'));
	rmSync(project.at('resources'), {recursive: true});
	expect(await project.run(process.execPath, 'app.cjs')).toEqual(bothApplied);
	expect(project.columns('app.db', 'user')).toEqual(userColumns);
});
