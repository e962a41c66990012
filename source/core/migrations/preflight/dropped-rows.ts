import {cursorOver, isWord} from '../../ddl/cursor.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {readRowCopy} from '../../sqlite/row-copy.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {plural} from '../../text/numbers.ts';
import type {Finding} from '../finding.ts';
import {renameIn} from '../replay/rename-in.ts';
import type {DeletionsRequest} from './deletions.ts';

/**
 * What the plain DROP TABLE statements of a migration take with them, where a table of the name is there afterwards: it was made anew, and no
 * statement before copied all rows. The schemas before and after say nothing of that.
 *
 * @param gone tables of the database, in lower case, that are told as dropped anyway
 */
export function droppedRows({db, present, earlier, operations, migration}: DeletionsRequest, gone: ReadonlySet<string>): readonly Finding[] {
	if (!operations.some((operation) => operation.kind === 'execute' && /\bdrop\b/i.test(operation.sql))) return [];
	const holders = new Map(present.tables.map(({name}) => [nameKey(name), new Set([nameKey(name)])]));
	for (const operation of earlier) follow(holders, operation);
	return operations.flatMap((operation) =>
		follow(holders, operation)
			.filter((table) => !gone.has(table))
			.flatMap((table): readonly Finding[] => {
				const name = nameIn(present, table);
				const rows = countRows(db, name);
				if (rows === 0) return [];
				const message = `any of its ${plural(rows, 'row')} may be lost: it is dropped, and nothing before it copies all of them`;
				const shared = {migration, kind: 'deleteRows', table: name, column: null, message, rows, of: rows} as const;
				return [{...shared, fails: false, destructive: true, samples: [], sql: null, mend: []}];
			}),
	);
}

/** By a table's name at some point of the run: the tables of the database all of whose rows it holds. Names in lower case. */
type Holders = Map<string, Set<string>>;

/** Follows what an operation does; returns the tables of the database whose rows a plain DROP TABLE leaves in no other table. */
function follow(holders: Holders, operation: Operation): readonly string[] {
	switch (operation.kind) {
		case 'renameTable':
			move(holders, operation.table, operation.to);
			return [];
		case 'dropTable':
			holders.delete(nameKey(operation.table));
			return [];
		case 'execute':
			return followStatement(holders, operation.sql);
		default:
			return [];
	}
}

function followStatement(holders: Holders, sql: string): readonly string[] {
	const {verb, removesFrom} = statementFacts(sql);
	if (verb === 'ALTER') {
		const rename = renameIn(sql);
		if (rename !== undefined && rename.column === undefined) move(holders, rename.table, rename.to);
		return [];
	}
	if (verb === 'INSERT' || verb === 'REPLACE' || verb === 'CREATE') {
		const copy = readRowCopy(sql);
		const held = copy === undefined ? undefined : holders.get(nameKey(copy.from));
		if (copy !== undefined && held !== undefined) holders.set(nameKey(copy.into), new Set([...(holders.get(nameKey(copy.into)) ?? []), ...held]));
		return [];
	}
	if (removesFrom === undefined || (verb !== 'DELETE' && verb !== 'DROP')) return [];
	const key = nameKey(removesFrom);
	if (verb === 'DROP' && isInTemp(sql)) return [];
	const held = [...(holders.get(key) ?? [])];
	holders.delete(key);
	const lost = held.filter((table) => ![...holders.values()].some((others) => others.has(table)));
	if (verb === 'DROP') return lost;
	// What it deletes is told as that; the rest is still there.
	if (lost.length > 0) holders.set(key, new Set(lost));
	return [];
}

function move(holders: Holders, from: string, to: string): void {
	const held = holders.get(nameKey(from));
	holders.delete(nameKey(from));
	if (held !== undefined) holders.set(nameKey(to), held);
}

/** `DROP TABLE temp.x`. */
function isInTemp(sql: string): boolean {
	const {tokens} = cursorOver(sql);
	return tokens.some((token, index) => isWord(token, 'TEMP') && tokens[index + 1]?.text === '.');
}

function nameIn({tables}: Schema, key: string): string {
	return tables.find(({name}) => nameKey(name) === key)?.name ?? key;
}
