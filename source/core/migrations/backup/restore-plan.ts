import {statSync} from 'node:fs';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import {MigrError} from '../../errors.ts';
import {openDatabase, statPath} from '../../sqlite/open.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {shortHash} from '../plan-id.ts';
import type {BackupFile} from './backup-files.ts';
import {type BackupSource, backupState, openBackup, whyNoDatabase} from './backup-source.ts';
import {compareWithBackup, type RestoreComparison} from './compare-databases.ts';
import type {Recorder} from './compare-rows.ts';
import {realPath} from './database-key.ts';

/**
 * How to read this file: it says what a restore would change, before anything is written. The `id` of a plan covers the backup, the state of the
 * database and every row that would be lost or changed, so it differs if the user would now agree to something else (`requireAgreement`).
 */

/** The user's consent. */
export interface Agreement {
	readonly backup: BackupFile;
	/** Confirms the loss of rows and values that were added after the backup. */
	readonly consent: boolean;
	/** The `id` of the plan that was shown. If a restore would now do anything else, nothing is restored. */
	readonly plan?: string;
	/** Wrangler's migration table, if it is the history. */
	readonly wranglerTable?: string | undefined;
}

/** The changes that restoring a backup would make. */
export interface RestorePlanned extends RestoreComparison {
	/** A short hash of the backup, the state of the database, and every row that would be lost or changed. */
	readonly id: string;
}

/**
 * Waits until no other process has locked the database, before `planRestore` reads it.
 *
 * @throws MigrError `locked` or `cancelled`
 */
export async function waitToPlanRestore(database: string, lock: TransactionOptions): Promise<void> {
	if (!hasContents(database)) return;
	try {
		(await openWithRetry(database, {readonly: true, ...lock})).close();
	} catch (error) {
		// The plan reports any other problem, such as a damaged file.
		if (error instanceof MigrError && (error.code === 'locked' || error.code === 'cancelled')) throw error;
	}
}

/** Returns the changes that restoring a backup would make, without writing anything. */
export function planRestore(database: string, backup: BackupFile, wranglerTable?: string): RestorePlanned {
	const source = openBackup(backup);
	try {
		return planFor(realPath(database), source, {backup, wranglerTable});
	} finally {
		source.close();
	}
}

/**
 * Returns what a restore would change in a state of the database.
 *
 * @param file the database, or a copy of its current state, or null if there is none
 */
export function planFor(
	file: string | null,
	source: BackupSource,
	{backup, wranglerTable}: Pick<Agreement, 'backup' | 'wranglerTable'>,
): RestorePlanned {
	if (file === null || !hasContents(file)) return planned(backup, {tables: [], migrations: [], losesRows: false}, 'no database');
	const damage = whyNoDatabase(file);
	if (damage !== null) {
		const {size, mtimeNs} = statSync(file, {bigint: true});
		return planned(backup, {tables: [], migrations: [], losesRows: true, damage}, `${size} ${mtimeNs}`);
	}
	const facts = factHash();
	const db = openDatabase(file);
	try {
		return planned(backup, compareWithBackup(db, source.path, facts.add, wranglerTable), facts.digest());
	} finally {
		db.close();
	}
}

/** Hashes any number of facts. Collects many of them per call of the hash function, which is faster. */
function factHash(): {readonly add: Recorder; digest(): string} {
	const hash = sha256.create();
	let text = '';
	const flush = () => {
		hash.update(utf8ToBytes(text));
		text = '';
	};
	return {
		add(fact) {
			text += `${fact.length}:${fact}`;
			if (text.length > 65_536) flush();
		},
		digest() {
			flush();
			return bytesToHex(hash.digest());
		},
	};
}

function planned(backup: BackupFile, comparison: RestoreComparison, state: string): RestorePlanned {
	return {...comparison, id: shortHash(['restore', ...backupState(backup), state])};
}

/**
 * Requires that the user agreed to what a restore would change now.
 *
 * @throws MigrError `answerNeeded` if the plan is not the one that was shown, or if it loses rows without consent
 */
export function requireAgreement({plan, consent, backup}: Agreement, now: RestorePlanned): void {
	if (plan !== undefined && plan !== now.id) {
		throw new MigrError('answerNeeded', `the database or the backup ${clean(backup.id)} has changed since you looked; nothing was restored`, {
			hint: `to see what a restore would change now, run lite-migr restore ${backup.id}`,
		});
	}
	if (!consent) refuseLoss(now, backup);
}

function refuseLoss({losesRows, tables, damage}: RestoreComparison, backup: BackupFile): void {
	if (!losesRows) return;
	const hint = `to restore it anyway, run lite-migr restore ${backup.id} --yes; the current state is kept as a backup`;
	if (damage !== undefined) throw new MigrError('answerNeeded', `cannot determine what a restore would lose: ${damage}`, {hint});
	const lost = tables.filter((table) => table.lost > 0 || table.reverted > 0 || (table.valuesGone ?? 0) > 0);
	throw new MigrError('answerNeeded', `the database has changed since the backup ${backup.id}: a restore would lose rows`, {
		details: lost.map(({name, lost: rows, reverted, valuesGone = 0, columnsGone = []}) => {
			const parts = [
				...(rows > 0 ? [`${plural(rows, 'row')} would be deleted`] : []),
				...(reverted > 0 ? [`${plural(reverted, 'row')} would get ${reverted === 1 ? 'its' : 'their'} old values back`] : []),
				...(valuesGone > 0 ? [`${plural(valuesGone, 'row')} would lose values of ${columnsGone.map(clean).join(', ')}`] : []),
			];
			return `${clean(name)}: ${parts.join(', ')}`;
		}),
		hint,
	});
}

/** True if the file exists and is not empty. */
export function hasContents(database: string): boolean {
	return (statPath(database)?.size ?? 0) > 0;
}
