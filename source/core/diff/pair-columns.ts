import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import {annotatedPairs} from './annotated-renames.ts';
import type {Answers} from './answers.ts';
import {dropFlag, renameFlag} from './flags.ts';
import {listed, type TablePair} from './pair-tables.ts';
import type {Candidate, DropColumnQuestion, RenameQuestion} from './question.ts';
import {clearMargin, columnSimilarity, minSimilarity, nameSimilarity} from './similarity.ts';

export interface PairedColumns {
	readonly renames: readonly {readonly column: string; readonly to: string}[];
	readonly added: readonly Column[];
	readonly questions: readonly (RenameQuestion | DropColumnQuestion)[];
}

/**
 * Pairs the columns of a table with those of its model: first by decision, then by annotations in the model, then by name. Asks about the rest.
 *
 * @param tables the names that answers may use for the table
 * @param tableNames the names of all kept tables in the models, by their current names, in lower case
 */
export function pairColumns(
	pair: TablePair,
	tables: readonly string[],
	from: Schema,
	answers: Answers,
	tableNames: ReadonlyMap<string, string>,
): PairedColumns {
	const {before, after} = pair;
	const similarityOf = (old: Column, column: Column) => {
		const similarity = columnSimilarity(old, column, pair);
		// A column that refers to the same parent may be the same one, whatever its name and type.
		return hasSameParent(old, column, pair, tableNames) ? Math.max(minSimilarity, similarity) : similarity;
	};
	if (!answers.hasColumnRenames && onlyAddsColumns(before, after)) {
		return {renames: [], added: after.columns.slice(before.columns.length), questions: []};
	}
	const gone = new Map(before.columns.map((column) => [nameKey(column.name), column]));
	const pairs = new Map<Column, Column>();
	const put = (column: Column, old: Column | undefined) => {
		if (old === undefined || pairs.has(column)) return;
		gone.delete(nameKey(old.name));
		pairs.set(column, old);
	};
	for (const column of after.columns) {
		const name = answers.renamedFrom(column.name, tables);
		if (name !== undefined) put(column, gone.get(nameKey(name)));
	}
	const annotated = annotatedPairs({
		before: gone,
		after: after.columns.filter((column) => !pairs.has(column)),
		isDropped: (name) => answers.dropsColumn(tables, name),
		path: (name) => `${after.name}.${name}`,
		flag: (old, name) => renameFlag(before.name, old, name),
	});
	for (const [column, old] of annotated) put(column, old);
	for (const column of after.columns) put(column, gone.get(nameKey(column.name)));

	const added = after.columns.filter((column) => !pairs.has(column));
	// A generated column stores no values, so there is nothing to keep or lose.
	const undecided = [...gone.values()].filter((column) => column.generated === undefined && !answers.dropsColumn(tables, column.name));
	const mostSimilar = new Map(undecided.map((old) => [old, Math.max(...added.map((column) => similarityOf(old, column)))]));
	const renames = answers.noRenames ? [] : added.flatMap((column) => renameQuestion(pair, column, mostSimilar, from, similarityOf));
	const isOpen = (column: Column) => renames.some(({candidates}) => candidates.some(({name}) => name === column.name));
	const computed = [...pairs].flatMap(([column, old]) => (old.generated === undefined && column.generated !== undefined ? [old] : []));
	const losses = answers.allowDrops
		? []
		: computed.filter(({name}) => !answers.dropsColumn(tables, name)).map((column) => lossQuestion(pair, column));
	const drops = answers.allowDrops ? [] : undecided.filter((column) => !isOpen(column)).map((column) => dropQuestion(pair, column));
	return {
		renames: [...pairs].filter(([column, old]) => column.name !== old.name).map(([column, old]) => ({column: old.name, to: column.name})),
		added,
		questions: [...renames, ...drops, ...losses],
	};
}

/** True for most tables: the model has all columns in the same order and perhaps more after them, and no column is renamed or becomes generated. */
function onlyAddsColumns(before: Table, after: Table): boolean {
	if (after.columns.some(({renamedFrom}) => renamedFrom !== undefined)) return false;
	return before.columns.every((old, index) => {
		const column = after.columns[index];
		return column?.name === old.name && (column.generated === undefined || old.generated !== undefined);
	});
}

/** @param mostSimilar undecided old columns, each with its highest similarity to any new column */
function renameQuestion(
	pair: TablePair,
	column: Column,
	mostSimilar: ReadonlyMap<Column, number>,
	from: Schema,
	similarityOf: (old: Column, column: Column) => number,
): readonly RenameQuestion[] {
	if (column.generated !== undefined) return [];
	const scored = [...mostSimilar]
		.map(([old, best]) => ({old, best, similarity: similarityOf(old, column)}))
		// If another new column is much more likely, the question is only asked for that one.
		.filter(({similarity, best}) => similarity >= minSimilarity && similarity >= best - clearMargin)
		.sort((a, b) => b.similarity - a.similarity);
	const best = scored[0];
	if (best === undefined) return [];
	const isClear = best.similarity >= 0.5 && best.similarity - (scored[1]?.similarity ?? 0) >= 0.1;
	const candidates = scored.map(
		({old, similarity}, index): Candidate => ({
			name: old.name,
			similarity,
			likely: index === 0 && isClear,
			evidence: evidence(old, column, pair, from),
		}),
	);
	const {name: table} = pair.before;
	const {name: now} = pair.after;
	return [
		{
			kind: 'rename',
			id: `rename:${table}.${column.name}`,
			table,
			column: column.name,
			to: column.name,
			candidates,
			message: `${now}.${column.name} is new and ${listed(candidates.map(({name}) => `${now}.${name}`))} gone${formerName(pair)}`,
			flags: [...candidates.map(({name}) => renameFlag(table, name, column.name)), ...candidates.map(({name}) => dropFlag(table, name))],
		},
	];
}

/** True if both columns are foreign keys to the same table, even if the table is renamed. */
function hasSameParent(old: Column, column: Column, {before, after}: TablePair, tableNames: ReadonlyMap<string, string>): boolean {
	const parentsOf = ({foreignKeys}: Table, {name}: Column) =>
		foreignKeys.filter(({columns}) => columns.length === 1 && sameName(columns[0] ?? '', name)).map(({parent}) => nameKey(parent));
	const parents = new Set(parentsOf(after, column));
	return parentsOf(before, old).some((parent) => parents.has(tableNames.get(parent) ?? parent));
}

function evidence(old: Column, column: Column, pair: TablePair, from: Schema): readonly string[] {
	const compared = (was: string, is: string) => `${was} ${was.toUpperCase() === is.toUpperCase() ? '=' : '→'} ${is}`;
	const type = (declared: string) => (declared === '' ? 'no type' : declared);
	const nullable = ({notNull}: Column) => (notNull === undefined ? 'NULL' : 'NOT NULL');
	const followers = from.indexes
		.filter(
			(index) => sameName(index.table, pair.before.name) && index.columns.some(({column: name}) => name !== undefined && sameName(name, old.name)),
		)
		.map(({name}) => `index ${name} follows`);
	return [
		`names ${Math.round(nameSimilarity(old.name, column.name) * 100)}% similar`,
		compared(type(old.type), type(column.type)),
		compared(nullable(old), nullable(column)),
		...followers,
	];
}

/** Says how the flags name a renamed table. */
function formerName({before, after}: TablePair): string {
	return sameName(before.name, after.name) ? '' : ` (${after.name} is ${before.name} in the database)`;
}

function dropQuestion(pair: TablePair, column: Column): DropColumnQuestion {
	const {name: table} = pair.before;
	return {
		kind: 'drop',
		id: `drop:${table}.${column.name}`,
		table,
		column: column.name,
		object: 'column',
		message: `${pair.after.name}.${column.name} is in the database and not in the models${formerName(pair)}`,
		flags: [dropFlag(table, column.name)],
	};
}

/** Asks about a column that becomes generated, so its stored values are lost. */
function lossQuestion(pair: TablePair, column: Column): DropColumnQuestion {
	return {
		...dropQuestion(pair, column),
		message: `${pair.after.name}.${column.name} becomes generated: its stored values are dropped${formerName(pair)}`,
	};
}
