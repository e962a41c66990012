import {stripTypeScriptTypes} from 'node:module';
import {pathToFileURL} from 'node:url';
import {MigrError} from '../../errors.ts';
import {beginLoad} from '../../models/modules/hooks.ts';
import {moduleUrl} from '../../models/modules/url.ts';
import type {Operation} from '../../operations/operation.ts';
import {nearest} from '../../text/nearest.ts';
import {thrownText} from '../../text/thrown.ts';
import {builderMethods, type MigrationBuilder, recordOperations} from './builder.ts';
import type {MigrationFile} from './list.ts';
import type {Migration} from './migration.ts';

/**
 * A migration in TypeScript or JavaScript, loaded with Node's own `import()`.
 *
 * @throws MigrError `migration`: no `upgrade`, syntax that cannot be read, types that cannot be stripped, or what the file itself throws
 */
export async function loadModuleMigration(file: MigrationFile): Promise<Migration> {
	const module = await importMigration(file);
	const {upgrade, downgrade, transaction} = module;
	if (typeof upgrade !== 'function') {
		throw new MigrError('migration', `${file.name} exports no function upgrade`, {
			location: {file: file.path},
			hint: 'write: export function upgrade(op: MigrationBuilder) { … }',
		});
	}
	if (downgrade !== undefined && typeof downgrade !== 'function') {
		throw new MigrError('migration', `downgrade of ${file.name} is no function`, {
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
		name: file.name,
		path: file.path,
		format: 'ts',
		checksum: file.checksum,
		upgrade: await record(file, 'upgrade', upgrade as (op: MigrationBuilder) => unknown),
		...(down === undefined ? {} : {downgrade: down}),
		transaction: transaction !== false,
	};
}

async function importMigration(file: MigrationFile): Promise<Record<string, unknown>> {
	try {
		// Under an address of its own each time, so that an edited migration is loaded anew, and as a module whatever the project's package.json says.
		return (await import(moduleUrl(file.path, beginLoad()))) as Record<string, unknown>;
	} catch (error) {
		// Only now: types that Node has stripped once are in its compile cache, and loading the stripper takes longer than all of `status`.
		if (/\.[mc]?ts$/.test(file.path)) requireStrippable(file);
		throw fromUserCode(error, file, `${file.name} cannot be loaded`);
	}
}

async function record(file: MigrationFile, name: string, define: (op: MigrationBuilder) => unknown): Promise<readonly Operation[]> {
	try {
		return await recordOperations(define, file.path);
	} catch (error) {
		throw error instanceof MigrError ? error : fromUserCode(error, file, `${name} of ${file.name} threw an error`);
	}
}

/** Node says of an `enum` only that it is not supported; here it is said where. */
function requireStrippable(file: MigrationFile): void {
	try {
		// With the address, the error says the line.
		stripTypeScriptTypes(file.text, {mode: 'strip', sourceUrl: pathToFileURL(file.path).href});
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		const line = lineOf(error, file);
		const isUnsupported = code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
		throw new MigrError(
			'migration',
			isUnsupported ? `TypeScript that Node cannot strip: ${firstLine(message)}` : `cannot be read: ${firstLine(message)}`,
			{
				location: {file: file.path, ...(line === undefined ? {} : {line})},
				hint: isUnsupported
					? 'a migration may have types, but no enum, namespace or parameter property: write a plain object instead'
					: 'mend the syntax',
				cause: error,
			},
		);
	}
}

function fromUserCode(error: unknown, file: MigrationFile, what: string): MigrError {
	const line = lineOf(error, file);
	const method = error instanceof TypeError ? /\.(\w+) is not a function$/.exec(firstLine(error.message))?.[1] : undefined;
	const meant = method === undefined ? undefined : nearest(method, builderMethods);
	const said = error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${firstLine(error.message)}` : thrownText(error);
	return new MigrError('migration', `${what}: ${said}`, {
		location: {file: file.path, ...(line === undefined ? {} : {line})},
		hint: meant === undefined ? 'mend the migration; nothing was run' : `did you mean op.${meant}? Nothing was run`,
		cause: error,
	});
}

/** The line of the file that an error's stack names; V8 puts that of a syntax error into the stack's first line. */
function lineOf(error: unknown, file: MigrationFile): number | undefined {
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
