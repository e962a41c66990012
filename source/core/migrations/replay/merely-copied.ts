import {cursorOver} from '../../ddl/cursor.ts';
import {tokenName} from '../../ddl/lexer.ts';
import {type CopyStatement, readCopy} from '../../ddl/statements/copy-statement.ts';
import type {Operation} from '../../operations/operation.ts';
import type {TrackedTable} from '../../operations/table-names.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {WriteRecord} from '../effects/write-record.ts';

/** A migration that was replayed. */
interface RunWithSchemas {
	readonly name: string;
	readonly operations: readonly Operation[];
	readonly before: Schema;
	readonly after: Schema;
}

/**
 * True if a statement dropped a table only because another one replaces it, with all its rows and values: a rewrite written as statements. False in
 * doubt.
 */
export function isMerelyCopied(table: TrackedTable, {name, operations, before, after}: RunWithSchemas, record: WriteRecord): boolean {
	if (!table.isDropped || table.origin === null || record.written.has(table)) return false;
	const replacement = record.names.replacementOf(table.origin);
	if (replacement === undefined || record.losersOf(name).has(replacement) || record.written.get(replacement)?.isAppend === false) return false;
	const [old, now] = [findTable(before, table.now), findTable(after, replacement.now)];
	const [copy, another] = operations.flatMap((operation) => copyFrom(operation, table.now));
	if (old === undefined || now === undefined || copy === undefined || another !== undefined) return false;
	const isSource = [[copy.into, copy.into], ...record.names.renames].some(
		([from = '', to = '']) => sameName(from, copy.into) && sameName(to, now.name),
	);
	if (!isSource) return false;
	const isStored = ({generated}: {readonly generated?: unknown}) => generated === undefined;
	const columns = copy.columns ?? now.columns.filter(isStored).map((column) => column.name);
	return old.columns.filter(isStored).every((column) =>
		columns.some((target, index) => {
			const kept = findColumn(now, target);
			const isSame = kept !== undefined && columnAffinity(kept.type, now.strict) === columnAffinity(column.type, old.strict);
			return isSame && namesColumn(copy.expressions[index] ?? '', column.name);
		}),
	);
}

/** Returns the copy of all rows of a table. A copy that may skip or replace rows does not count. */
function copyFrom(operation: Operation, table: string): readonly CopyStatement[] {
	if (operation.kind !== 'execute') return [];
	const copy = readCopy(operation.sql);
	const maySkip = /^\s*INSERT\s+OR\s+(?:IGNORE|REPLACE)\b/i.test(operation.sql);
	return copy !== undefined && sameName(copy.from, table) && !maySkip ? [copy] : [];
}

function namesColumn(expression: string, column: string): boolean {
	const {tokens} = cursorOver(expression);
	const last = tokens.at(-1);
	const isName = tokens.length === 1 || (tokens.length === 3 && tokens[1]?.text === '.');
	return last !== undefined && isName && sameName(tokenName(last), column);
}
