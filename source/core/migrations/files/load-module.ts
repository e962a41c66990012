import {stripTypeScriptTypes} from 'node:module';
import {pathToFileURL} from 'node:url';
import {MigrError} from '../../errors.ts';
import {isTypeScriptInPackage} from '../../modules/failure.ts';
import {importModule, type ModuleExports} from '../../modules/import-modules.ts';
import type {Operation} from '../../operations/operation.ts';
import {nearest} from '../../text/nearest.ts';
import {thrownText} from '../../text/thrown.ts';
import {builderMethods, type MigrationBuilder, recordOperations} from './builder.ts';
import {operationsOf, readConstantModule} from './constant-module.ts';
import type {MigrationFile} from './list.ts';
import type {Migration} from './migration.ts';
import {isStateless} from './stateless-module.ts';

/**
 * Loads a migration in TypeScript or JavaScript, with Node's own `import()`.
 *
 * @throws MigrError `migration` if `upgrade` is missing, if the syntax is invalid, if types cannot be stripped, or if the file itself throws
 */
export async function loadModuleMigration(file: MigrationFile): Promise<Migration> {
	const constant = readConstantModule(file);
	if (constant?.upgrade !== undefined) {
		const {upgrade, downgrade, transaction} = constant;
		return {
			...described(file),
			downgrade: downgrade && (await operationsOf(downgrade, file.path)),
			upgrade: await operationsOf(upgrade, file.path),
			transaction,
		};
	}
	const module = await importMigration(file);
	const {upgrade, downgrade, transaction} = module;
	if (typeof upgrade !== 'function') {
		throw new MigrError('migration', `${file.name} does not export a function upgrade`, {
			location: {file: file.path},
			hint: 'add: export function upgrade(op: MigrationBuilder) { … }',
		});
	}
	if (downgrade !== undefined && typeof downgrade !== 'function') {
		throw new MigrError('migration', `downgrade of ${file.name} is not a function`, {
			location: {file: file.path},
			hint: 'write: export function downgrade(op: MigrationBuilder) { … }',
		});
	}
	if (transaction !== undefined && typeof transaction !== 'boolean') {
		throw new MigrError('migration', `transaction of ${file.name} must be true or false`, {
			location: {file: file.path},
			hint: 'write: export const transaction = false',
		});
	}
	const down = downgrade === undefined ? undefined : await record(file, 'downgrade', downgrade as (op: MigrationBuilder) => unknown);
	return {
		...described(file),
		upgrade: await record(file, 'upgrade', upgrade as (op: MigrationBuilder) => unknown),
		downgrade: down,
		transaction: transaction !== false,
	};
}

function described({name, path, checksum}: MigrationFile): Pick<Migration, 'name' | 'path' | 'format' | 'checksum'> {
	return {name, path, format: 'ts', checksum};
}

interface ImportedModule {
	readonly text: string;
	readonly module: ModuleExports;
}

/**
 * Modules without state, by path. Node never releases an imported module, so a program that migrates thousands of databases would need more memory for
 * each of them if it imported its migrations again.
 */
const stateless = new Map<string, ImportedModule>();

/** Imports the file, unless it has no state and was imported before with the same text. */
async function importMigration(file: MigrationFile): Promise<ModuleExports> {
	const {path, text} = file;
	const known = stateless.get(path);
	if (known?.text === text) return known.module;
	try {
		const module = await importModule(path);
		if (isStateless(text, module)) stateless.set(path, {text, module});
		return module;
	} catch (error) {
		if (error instanceof MigrError) throw error;
		if (isTypeScriptInPackage(error)) throw inPackage(file, error);
		// Checked only after a failure: Node caches stripped types, and loading the stripper takes longer than all of `status`.
		if (/\.[mc]?ts$/.test(path)) requireStrippable(file);
		throw fromUserCode(error, file, `${file.name} cannot be loaded`);
	}
}

/** Deno has no hook that could load such a file. */
function inPackage({name, path}: MigrationFile, cause: Error): MigrError {
	return new MigrError('config', `${name} cannot be loaded: Deno does not load TypeScript from node_modules`, {
		location: {file: path},
		hint: 'write the migrations of a package in SQL (format = "sql"), or publish a module that lite-migr bundle writes',
		cause,
	});
}

async function record(file: MigrationFile, name: string, define: (op: MigrationBuilder) => unknown): Promise<readonly Operation[]> {
	try {
		return await recordOperations(define, file.path);
	} catch (error) {
		throw error instanceof MigrError ? error : fromUserCode(error, file, `${name} of ${file.name} threw an error`);
	}
}

/** Reports TypeScript that Node cannot strip, such as an `enum`, with its line. Node itself does not report the line. */
function requireStrippable(file: MigrationFile): void {
	try {
		// With a URL, the error contains the line.
		stripTypeScriptTypes(file.text, {mode: 'strip', sourceUrl: pathToFileURL(file.path).href});
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		const line = lineOf(error, file);
		const isUnsupported = code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
		throw new MigrError(
			'migration',
			isUnsupported ? `Node cannot strip this TypeScript: ${firstLine(message)}` : `syntax error: ${firstLine(message)}`,
			{
				location: {file: file.path, line},
				hint: isUnsupported
					? 'write a plain object instead: a migration may contain types, but not an enum, namespace or parameter property'
					: 'fix the syntax',
				cause: error,
			},
		);
	}
}

function fromUserCode(error: unknown, file: MigrationFile, what: string): MigrError {
	const line = lineOf(error, file);
	const method = error instanceof TypeError ? /\.(\w+) is not a function$/.exec(firstLine(error.message))?.[1] : undefined;
	const suggestion = method === undefined ? undefined : nearest(method, builderMethods);
	const message = error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${firstLine(error.message)}` : thrownText(error);
	return new MigrError('migration', `${what}: ${message}`, {
		location: {file: file.path, line},
		hint: suggestion === undefined ? 'fix the migration; nothing was run' : `did you mean op.${suggestion}? Nothing was run`,
		cause: error,
	});
}

/** Returns the line of the file that an error's stack contains. For a syntax error, V8 puts it into the first line of the stack. */
export function lineOf(error: unknown, file: {readonly path: string}): number | undefined {
	const stack = error instanceof Error ? (error.stack ?? '') : '';
	const url = pathToFileURL(file.path).href;
	for (const place of [url, file.path]) {
		const at = stack.indexOf(place);
		const match = at === -1 ? null : /^(?:\?[^:\s)]*)?:(\d+)/.exec(stack.slice(at + place.length));
		if (match !== null) return Number(match[1]);
	}
	return undefined;
}

function firstLine(message: string): string {
	return message.split('\n', 1)[0] ?? '';
}
