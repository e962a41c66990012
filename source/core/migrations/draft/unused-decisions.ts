import type {Decision} from '../../diff/answers.ts';
import {isIgnored} from '../../diff/ignore.ts';
import type {Decisions, RenameDecision} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import {sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {nearest} from '../../text/nearest.ts';

/** The answers in a file passed with `--answers`. */
export interface StatedAnswers {
	readonly file: string;
	readonly decisions: Decisions;
}

/** Decisions, and the facts to check them against. */
export interface DecisionFacts {
	/** The schema of the database after its pending migrations. */
	readonly from: Schema;
	readonly models: Schema;
	readonly decisions: Decisions;
	/** Decisions that answered nothing. */
	readonly unused: readonly Decision[];
	/** The answers from a file passed with `--answers`. An error in them has the file as its location. */
	readonly answers: StatedAnswers | undefined;
	/** True if questions are open. A decision may then depend on their answers. */
	readonly hasOpenQuestions: boolean;
}

interface Complaint {
	readonly message: string;
	readonly hint?: string | undefined;
}

/**
 * Checks that every decision is used. A decision that matches nothing is mistyped or outdated, and must not be silently ignored.
 *
 * @throws MigrError `usage` for an unused decision, with the nearest name as the hint
 */
export function requireUsed(facts: DecisionFacts): void {
	const {decisions, unused} = facts;
	for (const decision of [...decisions.renames, ...decisions.drops, ...decisions.fills]) {
		const complaint = missingName(decision, facts) ?? (unused.includes(decision) ? needless(decision, facts) : undefined);
		if (complaint !== undefined) throw complained(complaint, isAnswer(decision, facts) ? facts.answers?.file : undefined);
	}
	const names = objectNames(facts.from);
	for (const pattern of decisions.ignore) {
		if (names.some((name) => isIgnored(name, [pattern]))) continue;
		const file = facts.answers?.decisions.ignore.includes(pattern) === true ? facts.answers.file : undefined;
		throw complained({message: `--ignore ${clean(pattern)}: nothing in the database has this name`, hint: suggested(pattern, names)}, file);
	}
}

function complained({message, hint}: Complaint, file: string | undefined): MigrError {
	return new MigrError('usage', message, {hint, location: file === undefined ? undefined : {file}});
}

function isAnswer(decision: Decision, {answers}: DecisionFacts): boolean {
	if (answers === undefined) return false;
	const {renames, drops, fills} = answers.decisions;
	return [...renames, ...drops, ...fills].includes(decision);
}

function missingName(decision: Decision, facts: DecisionFacts): Complaint | undefined {
	const {from, models} = facts;
	const flag = flagText(decision);
	const before = findTable(from, decision.table) ?? findTable(from, oldName(decision.table, facts) ?? decision.table);
	const after = findTable(models, decision.table) ?? findTable(models, newName(decision.table, facts) ?? decision.table);
	const isFill = 'expression' in decision;
	const isObject = [...objectNames(from), ...(isFill ? objectNames(models) : [])].some((name) => sameName(name, decision.table));
	if (before === undefined && !(isFill && after !== undefined) && !(isObject && decision.column === undefined)) {
		const kind = decision.column === undefined && !('to' in decision) ? '' : 'table ';
		return {message: `${flag}: there is no ${kind}${clean(decision.table)} in the database`, hint: suggested(decision.table, objectNames(from))};
	}
	const {column} = decision;
	if (column !== undefined) {
		const tables = isFill ? [after, before] : [before];
		if (!tables.some((table) => hasColumn(table, column))) {
			const hint = suggested(column, tables.flatMap(columnNames));
			return {message: `${flag}: there is no column ${clean(column)} in ${clean(decision.table)}`, hint};
		}
	}
	return 'to' in decision ? missingTarget(decision, after, models, flag) : undefined;
}

function missingTarget({column, table, to}: RenameDecision, after: Table | undefined, models: Schema, flag: string): Complaint | undefined {
	if (column === undefined) {
		const tables = models.tables.map(({name}) => name);
		return findTable(models, to) === undefined
			? {message: `${flag}: there is no table ${clean(to)} in the models`, hint: suggested(to, tables)}
			: undefined;
	}
	if (after === undefined || hasColumn(after, to)) return undefined;
	return {message: `${flag}: there is no column ${clean(to)} in the model of ${clean(table)}`, hint: suggested(to, columnNames(after))};
}

function needless(decision: Decision, {models, decisions, hasOpenQuestions}: DecisionFacts): Complaint | undefined {
	const flag = flagText(decision);
	const other = [...decisions.renames, ...decisions.drops].find((stated) => stated !== decision && isOfTheSame(stated, decision));
	if (!('expression' in decision) && other !== undefined)
		return {message: `${flag} and ${flagText(other)} contradict each other`, hint: 'remove one of the two'};
	const table = findTable(models, decision.table);
	const isInModels = decision.column === undefined ? table !== undefined : hasColumn(table, decision.column);
	if (!('expression' in decision) && isInModels)
		return {message: `${flag}: ${decidedName(decision)} is still in the models`, hint: 'remove it from the models first'};
	if (hasOpenQuestions) return undefined;
	if ('expression' in decision)
		return {message: `${flag}: this column does not need a fill`, hint: 'use a fill only for a new NOT NULL, or to convert values to a new type'};
	return {message: `${flag}: this does not answer any question`, hint: 'remove it'};
}

function isOfTheSame(one: Decision, other: Decision): boolean {
	return sameName(one.table, other.table) && sameName(one.column ?? '', other.column ?? '');
}

/** Returns the old name of a table that the decisions or the models rename. */
function oldName(table: string, {decisions, models}: DecisionFacts): string | undefined {
	return decisions.renames.find(({column, to}) => column === undefined && sameName(to, table))?.table ?? findTable(models, table)?.renamedFrom;
}

function newName(table: string, {decisions, models}: DecisionFacts): string | undefined {
	const renamed = decisions.renames.find(({column, table: from}) => column === undefined && sameName(from, table));
	return renamed?.to ?? models.tables.find(({renamedFrom}) => renamedFrom !== undefined && sameName(renamedFrom, table))?.name;
}

/** Returns the decision as a flag. */
function flagText(decision: Decision): string {
	const flag = 'expression' in decision ? '--fill' : 'to' in decision ? '--rename' : '--drop';
	return `${flag} ${decidedName(decision)}${'to' in decision ? `=${clean(decision.to)}` : ''}`;
}

function decidedName({table, column}: Decision): string {
	return clean(column === undefined ? table : `${table}.${column}`);
}

function hasColumn(table: Table | undefined, column: string): boolean {
	return table !== undefined && findColumn(table, column) !== undefined;
}

function columnNames(table: Table | undefined): readonly string[] {
	return table?.columns.map(({name}) => name) ?? [];
}

function objectNames(schema: Schema): readonly string[] {
	return [...schema.tables, ...schema.virtualTables, ...schema.views, ...schema.indexes, ...schema.triggers].map(({name}) => name);
}

function suggested(name: string, known: readonly string[]): string | undefined {
	const near = nearest(name, known);
	return near === undefined ? undefined : `did you mean ${clean(near)}?`;
}
