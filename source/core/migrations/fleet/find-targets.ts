import {globSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import {parseTarget} from '../../engines/parse-target.ts';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {isBackupFile} from '../backup/backup-files.ts';
import {isPattern} from './is-pattern.ts';

/** The databases that the command line names. */
export interface FoundTargets {
	/** Paths and addresses, each database once, in the order they were named. Files of one pattern are sorted by name. */
	readonly databases: readonly string[];
	/** Files that match a pattern but are not databases of the fleet, and repeated names. */
	readonly skipped: readonly {readonly name: string; readonly reason: SkipReason}[];
}

export type SkipReason = 'a file that SQLite keeps next to a database' | 'a backup' | 'not a file' | 'named before';

export interface TargetRequest {
	/** Paths, addresses, and patterns such as `tenants/*.db`. */
	readonly named: readonly string[];
	/** The text of a list with one of these per line. Blank lines and lines that start with `#` are ignored. */
	readonly list?: string | undefined;
	/** The folder of relative paths. */
	readonly cwd: string;
}

/**
 * Finds the databases of a fleet. A file is found once, even if links or several patterns lead to it.
 *
 * @throws MigrError `usage` if a pattern matches nothing, a list is empty, or a name is not a database
 */
export function findTargets({named, list, cwd}: TargetRequest): FoundTargets {
	const lines = list === undefined ? [] : linesOf(list);
	if (list !== undefined && lines.length === 0)
		throw new MigrError('usage', 'the list of databases is empty', {hint: 'write one path or address per line'});
	const databases: string[] = [];
	const skipped: {name: string; reason: SkipReason}[] = [];
	const known = new Set<string>();
	for (const name of [...named, ...lines]) {
		const matches = isPattern(name, cwd) ? matching(name, cwd) : undefined;
		const kept: string[] = [];
		for (const match of matches ?? [name]) {
			const key = keyOf(match, cwd);
			const reason = matches === undefined ? undefined : whySkipped(resolve(cwd, match));
			if (reason !== undefined) skipped.push({name: match, reason});
			else if (known.has(key)) skipped.push({name: match, reason: 'named before'});
			else {
				known.add(key);
				databases.push(match);
			}
			if (reason === undefined) kept.push(match);
		}
		if (kept.length === 0) throw nothingMatches(name, matches ?? []);
	}
	return {databases, skipped};
}

function linesOf(list: string): readonly string[] {
	return list
		.replace(/^\ufeff/, '')
		.split(/\r\n|\r|\n/)
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'));
}

function matching(pattern: string, cwd: string): readonly string[] {
	return globSync(pattern, {cwd}).toSorted();
}

function nothingMatches(pattern: string, matches: readonly string[]): MigrError {
	return new MigrError('usage', `no database matches ${clean(pattern)}`, {
		details:
			matches.length === 0
				? []
				: [`${matches.length === 1 ? 'the only match is' : 'all matches are'} skipped: ${matches.slice(0, 5).map(clean).join(', ')}`],
		hint: 'check the pattern, and put it in quotes so that the shell does not expand it',
	});
}

/** Returns the identity of a database: the file that all links lead to, or the address. */
function keyOf(name: string, cwd: string): string {
	const target = parseTarget(name, 'usage');
	if (target.kind !== 'file') return JSON.stringify(target);
	const path = resolve(cwd, target.path);
	try {
		const {dev, ino} = statSync(path, {bigint: true});
		return `${dev} ${ino}`;
	} catch {
		// It does not exist or cannot be read, which is reported when it is opened.
		return path;
	}
}

function whySkipped(path: string): SkipReason | undefined {
	if (/-(?:wal|shm|journal|lite-migr-lock)$/.test(path)) return 'a file that SQLite keeps next to a database';
	if (isSomethingElse(path)) return 'not a file';
	return isBackupFile(path) ? 'a backup' : undefined;
}

function isSomethingElse(path: string): boolean {
	try {
		return statSync(path, {throwIfNoEntry: false})?.isFile() === false;
	} catch {
		// A loop of links, or no permission, which is reported when it is opened.
		return false;
	}
}
