import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import fc from 'fast-check';
import {MigrError} from '../../source/core/errors.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import type {Device} from './device.ts';
import {type Contents, contentsOf, nothing, type Release, type ReleasesDice, releasesDice, releasesFrom} from './generated-releases.ts';

/**
 * The law of one bundle: generated releases of a program, with rows in between, give the same schema, rows and history on every driver as
 * `lite-migr upgrade`. A run that is stopped in the middle leaves the database old or new, and the next one completes it.
 */
export interface Found {
	/** The releases that a device applied as `lite-migr upgrade` did. */
	applied: number;
	/** Runs that were stopped in the middle, and had changed nothing. */
	stopped: number;
	/** Releases that neither the device nor `lite-migr upgrade` applies to these rows. */
	refused: number;
	/** Histories that ended early, because the engine cannot do what a migration needs. By reason. */
	impossible: Map<string, number>;
	/** Histories that were applied to the last release. */
	complete: number;
}

/** Checks generated histories on all devices. Returns the results for each, and how many histories could not be bundled. */
export async function checkOneBundle(
	devices: Readonly<Record<string, () => Promise<Device>>>,
	{histories, seed, tooNew = []}: {readonly histories: number; readonly seed: number; readonly tooNew?: readonly RegExp[]},
): Promise<{readonly found: Readonly<Record<string, Found>>; readonly unbundled: readonly string[]}> {
	const found = Object.fromEntries(
		Object.keys(devices).map((name): [string, Found] => [name, {applied: 0, stopped: 0, refused: 0, impossible: new Map(), complete: 0}]),
	);
	const unbundled: string[] = [];
	for (let checked = 0, index = 0; checked < histories; index++) {
		// Each history has its own seed, which the error names.
		const [dice] = fc.sample(releasesDice, {numRuns: 1, seed: seed + index}) as [ReleasesDice];
		const folder = mkdtempSync(join(tmpdir(), 'lite-migr-releases-'));
		try {
			const releases = await releasesFrom(dice, folder);
			if (typeof releases === 'string') {
				unbundled.push(releases);
				continue;
			}
			checked += 1;
			for (const [name, open] of Object.entries(devices)) {
				const device = await open();
				try {
					await checkDevice(device, releases, found[name] as Found, {number: checked, impossible: [...impossible, ...tooNew]});
				} catch (error) {
					throw new Error(`history ${seed + index} on ${name}: ${String(error)}`, {cause: error});
				} finally {
					await device.close();
				}
			}
		} finally {
			rmSync(folder, {recursive: true, force: true});
		}
	}
	return {found, unbundled};
}

async function checkDevice(
	device: Device,
	releases: readonly Release[],
	found: Found,
	{number, impossible}: {readonly number: number; readonly impossible: readonly RegExp[]},
): Promise<void> {
	// Without a function, the statements that look for losses are omitted.
	const consent = {consent: number % 2 === 0 ? true : () => true};
	let before = nothing();
	for (const [index, {bundle, upgraded, rows, used, stop}] of releases.entries()) {
		const facts = (what: string) => `release ${index + 1} of ${releases.length}: ${what}`;
		const outcome = await device.stop(bundle, consent, stop);
		const left = await read(device);
		if (isSame(left, before)) found.stopped += outcome === 'completed' ? 0 : 1;
		else if (outcome === 'failed' || typeof upgraded === 'string') requireSame(left, before, facts(`a run that ${outcome} has changed the database`));
		else requireSame(left, upgraded, facts(`a run that was ${outcome} has left neither the old database nor the new one`));
		try {
			await device.migrate(bundle, consent);
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			requireSame(await read(device), before, facts('a refused run has changed the database'));
			const text = [error.message, ...error.details].join(' | ');
			if (typeof upgraded === 'string') found.refused += 1;
			else {
				const reason = impossible.find((pattern) => pattern.test(text));
				if (reason === undefined) throw new Error(facts(`failed, and lite-migr upgrade succeeds: ${text}`), {cause: error});
				found.impossible.set(reason.source, (found.impossible.get(reason.source) ?? 0) + 1);
			}
			return;
		}
		if (typeof upgraded === 'string') throw new Error(facts(`applied, and lite-migr upgrade refuses it: ${upgraded}`));
		requireSame(await read(device), upgraded, facts('differs from what lite-migr upgrade made'));
		found.applied += 1;
		await device.exec(rows);
		requireSame(await read(device), used, facts('differs after the new rows'));
		before = used;
	}
	found.complete += 1;
}

/** What an engine cannot do. Nothing has been changed then. */
const impossible = [/needs the module/, /no such module/, /not authorized/, /cannot be enforced/, /cannot be switched off/];

async function read(device: Device): Promise<Contents> {
	const db = await device.copy();
	try {
		return contentsOf(db);
	} finally {
		db.close();
	}
}

function isSame({schema, ...others}: Contents, {schema: expectedSchema, ...expected}: Contents): boolean {
	return sameSchema(schema, expectedSchema) && isDeepStrictEqual(others, expected);
}

function requireSame(actual: Contents, expected: Contents, message: string): void {
	if (isSame(actual, expected)) return;
	const {schema, ...others} = actual;
	const {schema: expectedSchema, ...expectedOthers} = expected;
	const tables = Object.keys({...others.rows, ...expectedOthers.rows}).filter(
		(name) => !isDeepStrictEqual(others.rows[name], expectedOthers.rows[name]),
	);
	const differences = tables.map((name) => `${name}: ${JSON.stringify(others.rows[name])} instead of ${JSON.stringify(expectedOthers.rows[name])}`);
	const history = isDeepStrictEqual(others.history, expectedOthers.history)
		? []
		: [`history: ${JSON.stringify(others.history)} instead of ${JSON.stringify(expectedOthers.history)}`];
	const sql = (one: Contents) => one.schema.tables.map((table) => table.sql).join(';\n');
	const schemas = sameSchema(schema, expectedSchema) ? [] : [`schema: ${sql(actual)}\ninstead of\n${sql(expected)}`];
	throw new Error([message, ...differences, ...history, ...schemas].join('\n'));
}
