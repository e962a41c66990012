import {fork} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {onTestFinished} from 'vitest';
import {readStatement, schemaOf} from '../../../../source/core/ddl/read.ts';
import type {Casing} from '../../../../source/core/models/drizzle/orm.ts';
import {type DrizzleOptions, type DrizzleStatement, readDrizzleModule} from '../../../../source/core/models/drizzle/read.ts';
import type {Schema} from '../../../../source/core/schema/schema.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';
import type {KitAnswer, KitRequest} from './kit-process.ts';

/** A version of drizzle-orm and its drizzle-kit: 0 is 0.45 with 0.31, 1 is the release candidate of 1.0 with its own drizzle-kit. */
export type Generation = 0 | 1;

export const generations: readonly Generation[] = [0, 1];

/** The oldest supported version, without a drizzle-kit. */
export type OldVersion = 0.29;

const modules = realpathSync(join(import.meta.dirname, '../../../../node_modules'));
const packages: Readonly<Record<Generation | OldVersion, Readonly<Record<string, string>>>> = {
	0.29: {'drizzle-orm': 'drizzle-orm-029'},
	0: {'drizzle-orm': 'drizzle-orm', 'drizzle-kit': 'drizzle-kit'},
	1: {'drizzle-orm': 'drizzle-orm-next', 'drizzle-kit': 'drizzle-kit-next'},
};
const fixtures = join(import.meta.dirname, 'fixtures');

/** Creates a folder with its own drizzle-orm and these files. A file without text is the fixture of that name. The folder is removed after the test. */
export function project(version: Generation | OldVersion, files: Readonly<Record<string, string | undefined>>): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'drizzle-')));
	onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
	mkdirSync(join(folder, 'node_modules'));
	for (const [name, installed] of Object.entries(packages[version])) symlinkSync(join(modules, installed), join(folder, 'node_modules', name), 'dir');
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text ?? readFileSync(join(fixtures, name), 'utf8'));
	return folder;
}

/** Returns a model file's statements as lite-migr reads them. */
export async function statements(folder: string, file: string, options?: DrizzleOptions): Promise<readonly DrizzleStatement[]> {
	const path = join(folder, file);
	return readDrizzleModule((await import(pathToFileURL(path).href)) as Record<string, unknown>, path, options);
}

/** Returns the schema that lite-migr reads from a model file. */
export async function ourSchema(folder: string, file: string, options?: DrizzleOptions): Promise<Schema> {
	const objects = (await statements(folder, file, options)).map(({sql, source}) => readStatement(sql, source));
	return schemaOf(objects.filter((object) => object !== undefined));
}

/** Returns the schema of a database after running drizzle-kit's statements for a model file. */
export async function kitSchema(folder: string, file: string, casing?: Casing): Promise<Schema> {
	const sql = await kitStatements(folder, file, casing);
	const db = openInMemory();
	try {
		for (const statement of sql) db.exec(statement);
		return introspect(db);
	} finally {
		db.close();
	}
}

/** Returns the statements that drizzle-kit would write into a first migration. */
export async function kitStatements(folder: string, file: string, casing?: Casing): Promise<readonly string[]> {
	const isNext = realpathSync(join(folder, 'node_modules/drizzle-orm')).endsWith('-next');
	const kit = kitOf(isNext ? 'drizzle-kit-next/payload-sqlite.mjs' : 'drizzle-kit/api.mjs');
	return await kit(join(folder, file), casing);
}

type KitProcess = (schema: string, casing: Casing | undefined) => Promise<readonly string[]>;

const kits = new Map<string, KitProcess>();

/** Starts drizzle-kit once per test file: loading it takes a hundred times longer than an answer. It ends with this process. */
function kitOf(module: string): KitProcess {
	const kit = kits.get(module) ?? startKit(module);
	kits.set(module, kit);
	return kit;
}

function startKit(module: string): KitProcess {
	const child = fork(join(import.meta.dirname, 'kit-process.ts'), [join(modules, module)], {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	const waiting = new Map<number, (answer: Pick<KitAnswer, 'statements' | 'problem'>) => void>();
	let stderr = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	child.on('message', ({number, ...answer}: KitAnswer) => {
		waiting.get(number)?.(answer);
		waiting.delete(number);
	});
	child.on('close', () => {
		kits.delete(module);
		for (const answer of waiting.values()) answer({problem: `drizzle-kit ended: ${stderr}`});
	});
	child.unref();
	(child.stderr as Socket | null)?.unref();
	let requests = 0;
	return async (schema, casing) => {
		const number = ++requests;
		const request: KitRequest = {number, schema, ...(casing === undefined ? {} : {casing})};
		child.channel?.ref();
		const {statements, problem} = await new Promise<Pick<KitAnswer, 'statements' | 'problem'>>((resolve) => {
			waiting.set(number, resolve);
			child.send(request);
		});
		if (waiting.size === 0) child.channel?.unref();
		if (statements === undefined) throw new Error(problem ?? 'drizzle-kit created no statements');
		return statements;
	};
}
