import type {Decision} from '../core/diff/answers.ts';
import {isIgnored} from '../core/diff/ignore.ts';
import type {Decisions} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {findColumn, findTable} from '../core/schema/lookup.ts';
import type {Schema, Table} from '../core/schema/schema.ts';
import {clean} from '../core/text/clean.ts';
import {nearest} from '../core/text/nearest.ts';

/** What decisions are held against. */
export interface DecisionFacts {
	/** The schema of the database with what is pending. */
	readonly from: Schema;
	readonly models: Schema;
	readonly decisions: Decisions;
	/** Decisions that answered nothing. */
	readonly unused: readonly Decision[];
	/** While questions are open, a decision may be waiting for an answer to one of them. */
	readonly hasOpenQuestions: boolean;
}

/**
 * A decision that matches nothing is mistyped or stale, and an error: nobody should believe that it was heard.
 *
 * @throws MigrError `usage` with the nearest name
 */
export function requireUsed(facts: DecisionFacts): void {
	for (const decision of facts.unused) {
		const complaint = complaintAbout(decision, facts);
		if (complaint !== undefined) throw new MigrError('usage', complaint.message, complaint.hint === undefined ? {} : {hint: complaint.hint});
	}
	const objects = [...facts.from.tables, ...facts.from.virtualTables, ...facts.from.views, ...facts.from.indexes, ...facts.from.triggers].map(
		({name}) => name,
	);
	for (const pattern of facts.decisions.ignore) {
		if (objects.some((name) => isIgnored(name, [pattern]))) continue;
		throw new MigrError('usage', `--ignore ${clean(pattern)}: there is nothing of this name in the database`, meant(pattern, objects));
	}
}

interface Complaint {
	readonly message: string;
	readonly hint?: string;
}

function complaintAbout(decision: Decision, {from, models, hasOpenQuestions}: DecisionFacts): Complaint | undefined {
	const flag = 'expression' in decision ? '--fill' : 'to' in decision ? '--rename' : '--drop';
	const name = clean(decision.column === undefined ? decision.table : `${decision.table}.${decision.column}`);
	const says = `${flag} ${name}${'to' in decision ? `=${clean(decision.to)}` : ''}`;
	const missing = flag === '--fill' ? missingIn(decision, [models, from], 'models', says) : missingIn(decision, [from], 'database', says);
	if (missing !== undefined) return missing;
	if ('to' in decision) {
		const target = missingTarget(decision, models, says);
		if (target !== undefined) return target;
	}
	if (hasOpenQuestions) return undefined;
	if (flag === '--fill')
		return {message: `${says}: nothing needs a fill there`, hint: 'a fill is for a new NOT NULL, or for the conversion to a new type'};
	const isInModels =
		decision.column === undefined ? findTable(models, decision.table) !== undefined : isColumnIn(models, decision.table, decision.column);
	if (isInModels) return {message: `${says}: ${name} is in the models, so it stays as it is`, hint: 'take it out of the models first'};
	return {message: `${says}: this answers no question`, hint: 'leave it out'};
}

function missingIn(decision: Decision, schemas: readonly Schema[], where: string, says: string): Complaint | undefined {
	const tables = schemas.flatMap((schema) =>
		[...schema.tables, ...schema.virtualTables, ...schema.views, ...schema.indexes, ...schema.triggers].map(({name}) => name),
	);
	const found = schemas.map((schema) => findTable(schema, decision.table)).filter((table) => table !== undefined);
	const isObject = tables.some((name) => name.toLowerCase() === decision.table.toLowerCase());
	if (!isObject)
		return {
			message: `${says}: there is no ${decision.column === undefined ? '' : 'table '}${clean(decision.table)} in the ${where}`,
			...meant(decision.table, tables),
		};
	if (decision.column === undefined || found.some((table) => findColumn(table, decision.column ?? '') !== undefined)) return undefined;
	const columns = found.flatMap((table: Table) => table.columns.map(({name}) => name));
	return {message: `${says}: there is no column ${clean(decision.column)} in ${clean(decision.table)}`, ...meant(decision.column, columns)};
}

function missingTarget(decision: Extract<Decision, {readonly to: string}>, models: Schema, says: string): Complaint | undefined {
	if (decision.column === undefined) {
		const tables = models.tables.map(({name}) => name);
		return findTable(models, decision.to) === undefined
			? {message: `${says}: there is no table ${clean(decision.to)} in the models`, ...meant(decision.to, tables)}
			: undefined;
	}
	const table = findTable(models, decision.table);
	if (table === undefined || findColumn(table, decision.to) !== undefined) return undefined;
	return {
		message: `${says}: there is no column ${clean(decision.to)} in the model of ${clean(decision.table)}`,
		...meant(
			decision.to,
			table.columns.map(({name}) => name),
		),
	};
}

function isColumnIn(schema: Schema, table: string, column: string): boolean {
	const found = findTable(schema, table);
	return found !== undefined && findColumn(found, column) !== undefined;
}

function meant(name: string, known: readonly string[]): {readonly hint?: string} {
	const near = nearest(name, known);
	return near === undefined ? {} : {hint: `did you mean ${clean(near)}?`};
}
