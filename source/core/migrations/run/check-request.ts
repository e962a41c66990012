import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {nearest} from '../../text/nearest.ts';
import type {ApplyRequest, FileRequest} from './apply-options.ts';

/** An option of a run. */
interface Option {
	/** `bundle`: for all runs. `folder`: not for bundles. `file`: not for open connections either. `path`: for bundles too, but not for open connections. */
	readonly for: 'bundle' | 'folder' | 'file' | 'path';
	/** Describes the values that are accepted, for errors. */
	readonly expected?: string;
	readonly fits?: (value: unknown) => boolean;
}

const options: Readonly<Record<keyof FileRequest, Option>> = {
	database: {for: 'bundle'},
	migrations: {for: 'bundle'},
	migrationsDir: {for: 'folder', expected: 'a path', fits: (value) => typeof value === 'string'},
	consent: {for: 'bundle', expected: 'true, false or a function', fits: (value) => typeof value === 'boolean' || typeof value === 'function'},
	acceptEdited: {for: 'bundle', ...trueOrFalse()},
	wait: {for: 'bundle', expected: 'a number of seconds', fits: (value) => typeof value === 'number' && value >= 0},
	driver: {for: 'path', ...oneOf('better-sqlite3', 'node:sqlite')},
	direction: {for: 'folder', ...oneOf('upgrade', 'downgrade')},
	to: {for: 'folder'},
	steps: {for: 'folder'},
	dryRun: {for: 'folder', ...trueOrFalse()},
	plan: {for: 'folder'},
	signal: {for: 'folder'},
	wranglerTable: {for: 'folder'},
	toolVersion: {for: 'folder'},
	now: {for: 'folder'},
	backup: {for: 'file', ...oneOf('auto', 'always', 'never')},
	backupDir: {for: 'file'},
	backupKeep: {for: 'file'},
};

function oneOf(...values: readonly string[]): Pick<Option, 'expected' | 'fits'> {
	const quoted = values.map((value) => `'${value}'`);
	const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
	return {expected, fits: (value) => values.includes(value as string)};
}

function trueOrFalse(): Pick<Option, 'expected' | 'fits'> {
	return {expected: 'true or false', fits: (value) => typeof value === 'boolean'};
}

/**
 * Checks the options of a request. Programs in JavaScript have no types, and an option that is ignored could write what only a dry run should show.
 *
 * @throws MigrError `usage` for an option that is unknown, has an invalid value, or does not work for this kind of run
 */
export function checkRequest(request: unknown): asserts request is ApplyRequest {
	if (typeof request !== 'object' || request === null) throw unusable('no request was passed', example);
	const {database, migrations} = request as Partial<ApplyRequest>;
	checkMigrations(request as Partial<ApplyRequest>);
	const isBundle = typeof migrations === 'object' && 'format' in migrations;
	const isConnection = typeof database !== 'string';
	for (const [name, value] of Object.entries(request)) {
		if (value === undefined) continue;
		const option = Object.hasOwn(options, name) ? options[name as keyof FileRequest] : undefined;
		if (option === undefined) throw unknown(name);
		if (isBundle && (option.for === 'folder' || option.for === 'file')) {
			throw unusable(`${name} does not work with a module of lite-migr bundle`, `remove ${name}, or pass migrations: folder('migrations')`);
		}
		// Nothing is backed up then.
		const isNoBackup = name === 'backup' && value === 'never';
		if (isConnection && (option.for === 'file' || option.for === 'path') && !isNoBackup) {
			throw unusable(`${name} does not work with an open connection`, `remove ${name}, or pass the path of the database`);
		}
		if (option.fits?.(value) === false) throw unusable(`${name} must be ${option.expected}`, `correct the option ${name}`);
	}
}

const example = "pass {database: 'app.db', migrations: folder('migrations')}";

function checkMigrations({migrations, migrationsDir}: {readonly migrations?: unknown; readonly migrationsDir?: unknown}): void {
	if (migrations === undefined && migrationsDir !== undefined) return;
	if (migrations === undefined) throw unusable('no migrations were passed', "pass migrations: folder('migrations')");
	if (migrationsDir !== undefined) throw unusable('migrations and migrationsDir cannot be combined', 'remove one of them');
	if (typeof migrations === 'string') throw unusable('migrations is a text', `pass migrations: folder('${clean(migrations)}')`);
	const given = typeof migrations === 'object' && migrations !== null ? migrations : {};
	if ('format' in given || ('path' in given && typeof given.path === 'string')) return;
	throw unusable(
		'migrations is neither a folder nor a module of lite-migr bundle',
		"pass migrations: folder('migrations')\nor the bundle: import {migrations} from './migrations.js'",
	);
}

function unknown(name: string): MigrError {
	const near = nearest(name, Object.keys(options));
	return unusable(`apply has no option ${clean(name)}`, near === undefined ? 'remove it' : `did you mean ${near}?`);
}

/**
 * A wrong path would look like a program without migrations, whose database stays empty.
 *
 * @throws MigrError `files` if the folder of an upgrade does not exist
 */
export function requireFolder(path: string, direction: FileRequest['direction']): void {
	if (direction === 'downgrade' || existsSync(path)) return;
	throw new MigrError('files', `the migrations folder ${clean(resolve(path))} does not exist`, {
		hint: "correct the path, or create the folder; for a path next to the program, use join(import.meta.dirname, 'migrations')",
	});
}

function unusable(message: string, hint: string): MigrError {
	return new MigrError('usage', message, {hint});
}
