import {version} from '../version.ts';
import type {BundledMigration, LossKind, Script, Statement} from './bundle.ts';
import {type History, historyState} from './history.ts';
import {historyTable} from './history-table.ts';
import type {Resolved} from './resolve.ts';
import {failure, literal} from './sql-text.ts';
import {storedText} from './stored-script.ts';

/**
 * How to read this file: a batch is everything that one run does: the preconditions (the history that was read), the scripts of all migrations with
 * their history rows, and the statements that find losses. Losses are collected in a table while the scripts run. Without consent, the last statement
 * fails with their numbers, so everything is rolled back. This works where no program can ask a question in the middle of a transaction.
 */
export interface Batch {
	readonly statements: readonly string[];
	/** The migration of each statement. Null for those around the migrations. */
	readonly owners: readonly (string | null)[];
	/** The meaning of each number in the message of a loss. */
	readonly losses: readonly (LossKind & {readonly migration: string})[];
	readonly needs: readonly {readonly name: string; readonly script: Script}[];
}

/**
 * `all`: losses are not checked. `nothing`: the batch fails if there is one. `ask`: it always fails, with all losses. A text: exactly these losses.
 */
export type Agreed = 'all' | 'nothing' | 'ask' | {readonly losses: string};

export interface BatchRequest {
	readonly history: History;
	readonly resolved: Resolved;
	/** The scripts that undo migrations, in the order of `resolved.undo`. Null for one that only loses its history row. */
	readonly undo: readonly (Script | null)[];
	readonly agreed: Agreed;
}

/** The start of the message if the history is not the one that was read. */
export const otherHistory = 'another program has changed the migration history';

/** The start of the message with losses. */
export const lossPrefix = 'losses ';

export function batchOf({history, resolved, undo, agreed}: BatchRequest): Batch {
	const statements: string[] = [];
	const owners: (string | null)[] = [];
	const losses: (LossKind & {readonly migration: string})[] = [];
	const pending = new Set(resolved.pending.map(({name}) => name));
	const add = (owner: string | null, ...list: readonly string[]) => {
		for (const sql of list) {
			statements.push(sql);
			owners.push(owner);
		}
	};
	const addScript = (migration: string, script: Script) => {
		for (const statement of script.statements) {
			if (typeof statement === 'string') add(migration, statement);
			else if (agreed !== 'all' && (statement.createdBy === undefined || !pending.has(statement.createdBy)))
				add(migration, lossSql(statement, migration));
		}
	};
	const lossSql = ({sql, loss}: Exclude<Statement, string>, migration: string) => {
		if (loss === undefined) return sql;
		// The query may end with a comment.
		return `INSERT INTO ${lossTable} (loss, n) SELECT ${losses.push({...loss, migration}) - 1}, (${sql}\n)`;
	};
	add(null, ...history.setup, mustFail(literal(`lite-migr: ${otherHistory}`), `(${historyState}) IS NOT ${literal(history.state)}`));
	for (const {from, to} of resolved.renamed) add(null, `UPDATE ${historyTable} SET name = ${literal(to)} WHERE name = ${literal(from)}`);
	if (agreed !== 'all') add(null, `CREATE TABLE ${lossTable} (loss INTEGER, n INTEGER)`);
	for (const [index, {name, stored}] of resolved.undo.entries()) {
		const script = undo[index];
		if (script !== null && script !== undefined) addScript(name, script);
		add(name, `DELETE FROM ${historyTable} WHERE name = ${literal(stored)}`);
	}
	for (const migration of resolved.pending) {
		if (migration.up !== null) addScript(migration.name, migration.up);
		add(migration.name, ...recordOf(migration));
	}
	if (agreed !== 'all') add(null, mustFail(`'lite-migr: ${lossPrefix}' || found`, conditionOf(agreed), foundLosses), `DROP TABLE ${lossTable}`);
	const needs = [
		...resolved.undo.flatMap(({name}, index) => scriptFor(name, undo[index] ?? null)),
		...resolved.pending.flatMap(({name, up}) => scriptFor(name, up)),
	];
	return {statements, owners, losses, needs};
}

function scriptFor(name: string, script: Script | null): Batch['needs'] {
	return script === null ? [] : [{name, script}];
}

const lossTable = '_lite_migr_loss';

const foundLosses = `(SELECT coalesce(group_concat(loss || ':' || n, ' '), '') AS found FROM (SELECT loss, n FROM ${lossTable} WHERE n > 0 ORDER BY loss))`;

function conditionOf(agreed: Exclude<Agreed, 'all'>): string {
	if (agreed === 'ask') return '1';
	return `found IS NOT ${literal(agreed === 'nothing' ? '' : agreed.losses)}`;
}

/** Returns a statement that changes nothing, and fails with a message if a condition holds. */
function mustFail(message: string, condition: string, from?: string): string {
	return `INSERT INTO ${historyTable} (name) SELECT ${failure(message)}${from === undefined ? '' : ` FROM ${from}`} WHERE ${condition}`;
}

/** Cloudflare accepts 100,000 bytes in a statement. A quote takes two, and a character up to four. */
const chunkLength = 24_000;

/** Returns the statements that record a migration as applied. */
function recordOf(migration: BundledMigration): readonly string[] {
	const {name, checksum} = migration;
	const [first = '', ...rest] = chunksOf(storedText(migration));
	const values = [...[name, checksum, version].map(literal), '0', literal(first)].join(', ');
	return [
		`INSERT INTO ${historyTable} (name, checksum, tool_version, adopted, downgrade) VALUES (${values})`,
		...rest.map((text) => `UPDATE ${historyTable} SET downgrade = downgrade || ${literal(text)} WHERE name = ${literal(name)}`),
	];
}

function chunksOf(text: string): readonly string[] {
	const chunks: string[] = [];
	for (let start = 0; start < text.length; ) {
		// Half of a surrogate pair would not survive.
		const end = start + chunkLength + (isHighSurrogate(text.charCodeAt(start + chunkLength - 1)) ? 1 : 0);
		chunks.push(text.slice(start, end));
		start = end;
	}
	return chunks;
}

function isHighSurrogate(code: number): boolean {
	return code >= 0xd800 && code < 0xdc00;
}
