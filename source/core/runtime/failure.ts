import {MigrError, restated} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {type Batch, lossPrefix} from './batch.ts';
import type {Loss, LossKind} from './bundle.ts';
import {BatchFailure, type Connection, messageOf} from './connection.ts';
import {unchanged} from './resolve.ts';

/** Returns the text of a guard that stopped a batch, without `lite-migr: `. Undefined if another statement failed. */
export function guardText(error: unknown): string | undefined {
	const text = /(?:bad JSON path: |JSON path error near )'\s*lite-migr: ((?:[^']|'')*)'/.exec(messageOf(error))?.[1];
	return text?.replaceAll("''", "'");
}

/** Returns the losses that stopped a batch, as the batch reports them: `3:12 4:1`. Undefined if it failed for another reason. */
export function lossText(error: unknown): string | undefined {
	const text = guardText(error);
	return text?.startsWith(lossPrefix) ? text.slice(lossPrefix.length) : undefined;
}

/** Returns the losses of a text such as `3:12 4:1`. */
export function lossesIn(text: string, {losses}: Batch): readonly Loss[] {
	return [...text.matchAll(/(\d+):(\d+)/g)].flatMap(([, index, rows]): readonly Loss[] => {
		const loss = losses[Number(index)];
		return loss === undefined ? [] : [lossOf(loss, Number(rows))];
	});
}

function lossOf({migration, kind, table, column}: LossKind & {readonly migration: string}, rows: number): Loss {
	const where = clean(column === undefined ? table : `${table}.${column}`);
	return {migration, kind, table, column: column ?? null, rows, message: `${where}: ${lossMessage(kind, rows)}`};
}

function lossMessage(kind: LossKind['kind'], rows: number): string {
	switch (kind) {
		case 'dropTable':
			return `would be dropped with ${plural(rows, 'row')}`;
		case 'dropColumn':
			return `would be dropped with ${plural(rows, 'value')}`;
		case 'deleteRows':
			return `${plural(rows, 'row')} would be deleted`;
		case 'valuesGone':
			return `${plural(rows, 'value')} would be lost`;
		case 'valuesMerged':
			return `${plural(rows, 'value')} would change, and many different values become few`;
		case 'convert':
			return `${plural(rows, 'value')} would change under the new column type`;
	}
}

/** The error for losses without consent. */
export function consentNeeded(losses: readonly Loss[]): MigrError {
	return new MigrError('answerNeeded', 'this migration would lose or change data and needs consent', {
		details: [...losses.map(({message}) => message), unchanged],
		hint: 'to agree to all losses, pass {consent: true}; to decide about them, pass a function',
	});
}

/** True if another connection holds a lock, so the same batch may succeed later. */
export function isLocked(error: unknown): boolean {
	return /\b(?:database|table)\b.* is locked|SQLITE_BUSY|SQLITE_LOCKED/.test(messageOf(error)) || isReading(messageOf(error));
}

/** True if a statement of the same connection still reads rows, in the words of SQLite or of better-sqlite3. */
function isReading(message: string): boolean {
	return /table is locked|busy executing a query/.test(message);
}

function lockHint(message: string): string {
	if (isReading(message)) return 'finish or leave all loops over rows of this connection, and call migrate again';
	return 'try again when the other connection has finished, or pass a longer wait';
}

/** Returns the error of a connection whose history cannot be read, for example because it is closed. */
export function unreadable(error: unknown): MigrError {
	if (error instanceof MigrError) return error;
	const message = clean(messageOf(error));
	const isWrapped = /is not a function|of (?:undefined|null)/.test(message);
	const hint = isLocked(error)
		? lockHint(message)
		: isWrapped
			? 'pass the open connection itself to the adapter, instead of a wrapper around it'
			: undefined;
	const code = isLocked(error) ? 'locked' : isWrapped ? 'usage' : 'database';
	return new MigrError(code, `cannot read the migration history: ${message}`, {details: [unchanged], hint, cause: error});
}

/** Returns the error of a batch that was rolled back, with the migration if it is known. */
export function failureOf(error: unknown, {owners, statements}: Batch, {name, features}: Connection): MigrError {
	if (error instanceof MigrError) return restated(error, {details: [...error.details, unchanged]});
	const at = error instanceof BatchFailure ? error.statement : undefined;
	const owner = at === undefined ? null : (owners[at] ?? null);
	const guard = guardText(error);
	const message = clean(guard ?? messageOf(error).replace(/^D1_ERROR: /, ''));
	const details = [...(at === undefined || guard !== undefined ? [] : [`statement: ${clean((statements[at] ?? '').slice(0, 300))}`]), unchanged];
	const subject = owner === null ? '' : `${clean(owner)}: `;
	const options = {details, cause: error};
	if (isLocked(error)) {
		return new MigrError('locked', `${subject}${message}`, {
			...options,
			hint: lockHint(message),
		});
	}
	if (guard !== undefined) {
		const isShape = guard.includes('was written for');
		return new MigrError(isShape ? 'plan' : 'guard', `${subject}${message}`, {
			...options,
			hint: isShape
				? 'the tables were changed outside lite-migr: compare the database with lite-migr check --db FILE'
				: 'correct the migration, and run lite-migr bundle again',
		});
	}
	if (/constraint failed/i.test(message))
		return new MigrError('hazard', `${subject}${message}`, {...options, hint: 'correct the rows that the message names'});
	if (/readonly/i.test(message)) {
		return new MigrError('database', message, {details: [unchanged], hint: 'open a connection that can write', cause: error});
	}
	if (/disk|is full|malformed|not a database|encrypted/i.test(message)) return new MigrError('database', `${subject}${message}`, options);
	if (features.isRemote === true && !/SQL|syntax|no such|already exists|not authorized|error in/i.test(message)) {
		return new MigrError('outcomeUnknown', `the answer of ${name} was lost: ${message}`, {
			details: ['the migration was sent, but its outcome is unknown'],
			hint: 'call migrate again: it applies only what is missing',
			cause: error,
		});
	}
	return new MigrError('migration', `${subject}${message}`, options);
}
