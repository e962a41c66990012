import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import {readTable} from '../ddl/read.ts';
import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {count} from '../text/numbers.ts';
import type {EngineFeatures} from './engine-features.ts';

/**
 * Checks a script against the limits of its engine, before anything is sent.
 *
 * @param engine the engine's name, for the message
 * @throws MigrError `plan` for the first statement that is too long, or that creates a table with too many columns
 */
export function requireWithinLimits(statements: readonly string[], {maxStatementBytes, maxColumns}: EngineFeatures, engine: string): void {
	for (const sql of statements) {
		const bytes = Buffer.byteLength(sql);
		if (bytes > maxStatementBytes) {
			throw new MigrError('plan', `a statement has ${count(bytes)} bytes, but ${engine} accepts at most ${count(maxStatementBytes)}`, {
				details: [`${clean(sql.slice(0, 80))}…`],
				hint: 'split the statement, for example into several INSERT statements with fewer rows each',
			});
		}
		const columns = columnsOf(sql);
		if (columns > maxColumns) {
			throw new MigrError('plan', `a table has ${columns} columns, but ${engine} accepts at most ${maxColumns}`, {
				details: [`${clean(sql.slice(0, 80))}…`],
				hint: 'move some of the columns to another table',
			});
		}
	}
}

/** Returns the number of columns of a CREATE TABLE statement. 0 for any other statement. */
export function columnsOf(sql: string): number {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[1], 'TABLE')) return 0;
	const name = qualifiedName(tokens, 2);
	// CREATE TABLE … AS SELECT has as many columns as its SELECT, which only SQLite knows.
	return name !== undefined && tokens[name.next]?.text === '(' ? readTable(sql).columns.length : 0;
}
