import {mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import {MigrError} from '../../../source/core/errors.ts';
import {type LoadOptions, loadModels} from '../../../source/core/models/load.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';

/** A project in a temporary folder, with its models in `models/`. */
export interface ModelFolder {
	readonly path: string;
	/** Writes files. Paths are relative to the project. */
	write(files: Readonly<Record<string, string>>): void;
	link(from: string, to: string): void;
	load(options?: LoadOptions): Promise<Schema>;
	/** Returns the error from loading the models. Its file is relative to the project. */
	failure(options?: LoadOptions): Promise<Failure>;
}

export interface Failure {
	readonly code: string;
	readonly message: string;
	readonly hint: string | undefined;
	/** `models/user.ts:3` */
	readonly place: string;
	readonly details: readonly string[];
}

export function modelFolder(files: Readonly<Record<string, string>> = {}): ModelFolder {
	const path = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-models-')));
	onTestFinished(() => rmSync(path, {recursive: true, force: true}));
	const write = (written: Readonly<Record<string, string>>) => {
		for (const [name, text] of Object.entries(written)) {
			mkdirSync(dirname(join(path, name)), {recursive: true});
			writeFileSync(join(path, name), text);
		}
	};
	mkdirSync(join(path, 'models'));
	write(files);
	const load = (options?: LoadOptions) => loadModels(join(path, 'models'), options);
	return {
		path,
		write,
		load,
		link: (from, to) => symlinkSync(join(path, to), join(path, from)),
		failure: async (options) => {
			const error = await load(options).then(
				() => {
					throw new Error('the models loaded');
				},
				(thrown: unknown) => thrown,
			);
			if (!(error instanceof MigrError)) throw error;
			const relative = (text: string) => text.replaceAll(`${path}/`, '');
			const {file, line} = error.location ?? {};
			return {
				code: error.code,
				message: relative(error.message),
				hint: error.hint,
				place: relative(`${file ?? ''}${line === undefined ? '' : `:${line}`}`),
				details: error.details.map(relative),
			};
		},
	};
}

/** Returns the source of a table that only has a key. */
export function tableModule(name: string): string {
	return `import {integer, table} from 'lite-migr';\nexport const ${name} = table('${name}', {id: integer().primaryKey()});\n`;
}
