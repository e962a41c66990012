import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {SchemaRow} from '../../ddl/read.ts';
import {sha256Of} from '../../text/digest.ts';
import {type HistoryParts, keyOf} from './history-key.ts';

/**
 * How to read this file. The schema that a history builds is remembered in a folder that can be deleted at any time. Its key is derived from
 * everything that it was built from (`history-key.ts`), so an edited, renamed, added or removed file results in a different key. An entry that is
 * incomplete, edited or from elsewhere does not fit its digest or its key, and counts as missing. Entries are data: rows of `sqlite_schema`, which
 * are read like any definition in a database. Nothing fails if the folder cannot be read or written.
 */

/** Where the schemas of a project are remembered. */
export interface SchemaMemory {
	readonly folder: string;
	/** A schema is remembered if the number of operations that built it, together with its own objects, is at least this. */
	readonly minWeight: number;
}

/** `replay`: what the schema changes build. `new`: what `upgrade` builds on a new database, with all statements. */
export type MemoryKind = 'replay' | 'new';

export interface RememberedSchema {
	/** The number of migrations that built it. */
	readonly length: number;
	readonly rows: readonly SchemaRow[];
	/** True if none of the migrations wrote rows, so the next ones can run on the schema alone. */
	readonly isWithoutRows: boolean;
}

/** Small projects are replayed in a few milliseconds, so they get no folder for that. */
const minWeight = 64;
/** If the folder exists anyway, reading a file is faster than loading and running the code of a replay. */
const minWeightInModules = 2;

/** Returns the memory of the project whose configuration is in this folder. */
export function memoryOf(projectFolder: string): SchemaMemory {
	const modules = join(projectFolder, 'node_modules');
	if (existsSync(modules)) return {folder: join(modules, '.cache', 'lite-migr'), minWeight: minWeightInModules};
	return {folder: join(projectFolder, ownFolder), minWeight};
}

const ownFolder = '.lite-migr';

/** Returns the remembered schema of the longest prefix of a history, or undefined if there is none. */
export function remembered({folder}: SchemaMemory, kind: MemoryKind, parts: HistoryParts): RememberedSchema | undefined {
	const lengths = entriesIn(folder)
		.filter((entry) => entry.kind === kind && entry.length <= parts.length)
		.sort((a, b) => b.length - a.length);
	for (const {length, key, file} of lengths) {
		const expected = keyOf(kind, parts, length);
		if (!expected.startsWith(key)) continue;
		const found = readEntry(join(folder, file), expected);
		if (found !== undefined) return {length, ...found};
	}
	return undefined;
}

/** Remembers the schema that the migrations build. Removes the oldest entries if there are many. */
export function remember(
	{folder}: SchemaMemory,
	kind: MemoryKind,
	parts: HistoryParts,
	{rows, isWithoutRows}: Omit<RememberedSchema, 'length'>,
): void {
	const key = keyOf(kind, parts, parts.length);
	const body = JSON.stringify({key, isWithoutRows, rows: rows.map(({type, name, sql}) => [type, name, sql])});
	if (body.length > maxBytes) return;
	const file = `${kind}-${parts.length}-${key.slice(0, keyLength)}.json`;
	const temporary = join(folder, `${temporaryPrefix}${Math.random().toString(36).slice(2)}`);
	try {
		makeFolder(folder);
		writeFileSync(temporary, `${sha256Of(body)}\n${body}`);
		renameSync(temporary, join(folder, file));
		removeOld(folder, kind);
	} catch {
		// A read-only folder: the next command replays the history again.
		removeIfPossible(temporary);
	}
}

function removeIfPossible(path: string): void {
	try {
		rmSync(path, {force: true});
	} catch {
		// Nothing was written.
	}
}

const temporaryPrefix = '.unfinished-';
const keyLength = 32;
const maxEntries = 6;
const maxBytes = 16_000_000;

interface Entry {
	readonly kind: string;
	readonly length: number;
	/** The beginning of its key. */
	readonly key: string;
	readonly file: string;
}

function entriesIn(folder: string): readonly Entry[] {
	return namesIn(folder).flatMap((file): readonly Entry[] => {
		const match = /^(replay|new)-(\d{1,9})-([0-9a-f]{32})\.json$/.exec(file);
		return match === null ? [] : [{kind: match[1] as string, length: Number(match[2]), key: match[3] as string, file}];
	});
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

/** Returns undefined for an entry that was not written exactly like this by `remember`. */
function readEntry(path: string, key: string): Omit<RememberedSchema, 'length'> | undefined {
	try {
		const text = readFileSync(path, 'utf8');
		const end = text.indexOf('\n');
		const body = text.slice(end + 1);
		if (text.slice(0, end) !== sha256Of(body)) return undefined;
		const value = JSON.parse(body) as {readonly key: unknown; readonly isWithoutRows: unknown; readonly rows: unknown};
		if (value.key !== key || typeof value.isWithoutRows !== 'boolean' || !Array.isArray(value.rows)) return undefined;
		const rows = value.rows.map(rowOf);
		return rows.every((row) => row !== undefined) ? {rows, isWithoutRows: value.isWithoutRows} : undefined;
	} catch {
		return undefined;
	}
}

function rowOf(value: unknown): SchemaRow | undefined {
	if (!Array.isArray(value) || value.length !== 3 || !value.every((field) => typeof field === 'string')) return undefined;
	const [type, name, sql] = value as [string, string, string];
	return {type, name, sql};
}

/** Creates the folder. A separate folder in the project does not belong in version control. */
function makeFolder(folder: string): void {
	if (existsSync(folder)) return;
	mkdirSync(folder, {recursive: true});
	if (folder.endsWith(ownFolder)) writeFileSync(join(folder, '.gitignore'), '*\n');
}

function removeOld(folder: string, kind: MemoryKind): void {
	const timeOf = (file: string) => statSync(join(folder, file), {throwIfNoEntry: false})?.mtimeMs ?? 0;
	const files = entriesIn(folder).filter((entry) => entry.kind === kind);
	const old = files.map(({file}) => ({file, time: timeOf(file)})).sort((a, b) => b.time - a.time);
	const unfinished = namesIn(folder).filter((file) => file.startsWith(temporaryPrefix) && timeOf(file) < Date.now() - hour);
	for (const file of [...old.slice(maxEntries).map((entry) => entry.file), ...unfinished]) rmSync(join(folder, file), {force: true});
}

/** Milliseconds. A file that another process is writing is younger. */
const hour = 3_600_000;
