import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import {statementsOf} from '../plan/statements.ts';
import type {Step} from '../plan/step.ts';
import {literal, nameKey} from '../schema/identifiers.ts';
import {emptySchema, type Schema} from '../schema/schema.ts';
import {failIfMoreAreBroken, recordBroken} from './broken-keys.ts';
import {dataScript} from './data-script.ts';
import type {EngineFeatures} from './engine-features.ts';
import {failIfWrittenDoNotFit} from './generated-values.ts';
import {createGuards, dropGuards, failIf, GuardTable} from './guard.ts';
import {ScriptNames} from './names.ts';
import type {ScriptContext} from './script-context.ts';
import type {ScriptStep} from './step-facts.ts';
import {definitionScript, dropScript, rewriteScript} from './table-script.ts';

/**
 * How to read this folder: a script is a plan as SQL statements that an engine runs as one atomic batch, in order and all or nothing. It keeps every
 * row whether foreign keys are on or off. `compile.ts` adds the shared statements around those of all steps. `table-script.ts` writes a rewrite or a
 * drop, and `data-script.ts` writes a statement of the migration. `shields.ts` keeps foreign key actions away from other tables. `guard.ts` writes
 * the statements that stop the batch with a readable message.
 */
export interface ScriptPart {
	/** A comment for people, without `--`. Absent for statements that only serve the script. */
	readonly comment?: string | undefined;
	readonly statements: readonly string[];
}

export interface ScriptSection {
	/** The name of the migration, for people. */
	readonly name: string;
	readonly steps: readonly ScriptStep[];
	/** The schema after the steps. */
	readonly after: Schema;
	/** Statements after the steps, such as the history row. */
	readonly record: readonly string[];
}

export interface ScriptRequest {
	/** Statements before everything else, such as the history table. */
	readonly setup: readonly string[];
	/** The preconditions of the first step, such as the history of the plan. */
	readonly preconditions: readonly Precondition[];
	/** Statements between the preconditions and the first step. */
	readonly before: readonly string[];
	readonly sections: readonly ScriptSection[];
}

export interface Precondition {
	/** The message of the error if the precondition is not met. */
	readonly message: string;
	/** An SQL condition that is true if the precondition is not met. */
	readonly fails: string;
}

/**
 * Compiles a plan.
 *
 * @throws MigrError `plan` if a step cannot be written so that it has the same effect everywhere
 */
export function compile({setup, preconditions, before: first, sections}: ScriptRequest, engine: EngineFeatures): readonly ScriptPart[] {
	const steps = sections.flatMap((section) => section.steps);
	const names = new ScriptNames([...steps.map(({schema}) => schema), ...sections.map(({after}) => after)]);
	const guards = new GuardTable(names.next('guard'));
	const [before = emptySchema, after = emptySchema] = [steps[0]?.schema, sections.at(-1)?.after];
	const broken = steps.some(needsGuards) ? names.next('broken') : undefined;
	const body = sections.flatMap((section): readonly ScriptPart[] => [
		{comment: section.name, statements: []},
		...section.steps.map(
			(step): ScriptPart => ({comment: commentOf(step), statements: stepScript(step, {schema: step.schema, names, guards, engine})}),
		),
		...(section.record.length === 0 ? [] : [{statements: section.record}]),
	]);
	return [
		{
			comment: 'Every row is kept, whether foreign keys are on or off. All statements must run in one transaction.',
			statements: [
				'PRAGMA defer_foreign_keys=ON',
				...setup,
				...createGuards(guards),
				...preconditions.map(({message, fails}) => failIf(guards, message, `(SELECT 1) WHERE ${fails}`)),
				...first,
				...(broken === undefined ? [] : [recordBroken(broken, before)]),
			],
		},
		...(broken === undefined ? body : withRenames(body, steps, broken)),
		{
			comment: broken === undefined ? undefined : 'Fails if a row lost its parent.',
			statements: [
				...(broken === undefined ? [] : [...failIfMoreAreBroken(guards, broken, after, rebuilt(steps)), `DROP TABLE ${broken}`]),
				...dropGuards(guards),
				// Also resets the count of violations from while tables were dropped. The statements above have checked the real ones.
				'PRAGMA defer_foreign_keys=OFF',
			],
		},
	];
}

function stepScript({step, schema, writes}: ScriptStep, context: ScriptContext): readonly string[] {
	switch (step.kind) {
		case 'rewrite':
			return rewriteScript(step, context);
		case 'statements':
			return step.strategy === 'drop' && step.table !== undefined ? dropScript(step.table, step.statements, context) : step.statements;
		case 'execute': {
			const dropped = droppedTable(step.operation.sql);
			if (dropped !== undefined && schema.tables.length > 0) return dropScript(dropped, [step.operation.sql], context);
			return [...dataScript(step.operation, writes, context), ...failIfWrittenDoNotFit(schema, writes, context.guards)];
		}
		case 'editSchema':
			return definitionScript(step, context);
		case 'run':
			// A comment: code runs only in lite-migr. Engines other than SQLite refuse it earlier.
			return statementsOf(step);
	}
}

/** True if a step could delete rows of other tables, or leave rows without a parent. */
export function needsGuards({step, schema, writes}: ScriptStep): boolean {
	if (step.kind === 'rewrite' || step.kind === 'editSchema') return true;
	const hasKeys = schema.tables.some(({foreignKeys}) => foreignKeys.length > 0);
	if (step.kind === 'execute') return hasKeys && ((writes?.tables.size ?? 0) > 0 || droppedTable(step.operation.sql) !== undefined);
	return hasKeys && step.strategy === 'drop';
}

/** Returns the tables whose rowids may be different at the end, because they are copied or created, by their last names. */
function rebuilt(steps: readonly ScriptStep[]): readonly string[] {
	const found = new Set<string>();
	for (const {step} of steps) {
		if (step.kind === 'rewrite' || step.kind === 'editSchema') found.add(nameKey(step.object));
		for (const sql of ownStatements(step)) {
			const created = createdTable(sql);
			if (created !== undefined) found.add(nameKey(created));
			const [from, to] = tableRename(sql) ?? [];
			if (from !== undefined && to !== undefined && found.delete(nameKey(from))) found.add(nameKey(to));
		}
	}
	return [...found];
}

/** Returns the statements of a step that the script contains unchanged. */
function ownStatements(step: Step): readonly string[] {
	return step.kind === 'statements' ? step.statements : step.kind === 'execute' ? [step.operation.sql] : [];
}

/** Returns the table of a CREATE TABLE statement. */
function createdTable(sql: string): string | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[1], 'TABLE')) return undefined;
	return qualifiedName(tokens, isWord(tokens[2], 'IF') ? 5 : 2)?.name;
}

/** Returns the table of a DROP TABLE statement. */
function droppedTable(sql: string): string | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'DROP') || !isWord(tokens[1], 'TABLE')) return undefined;
	return qualifiedName(tokens, isWord(tokens[2], 'IF') ? 4 : 2)?.name;
}

/**
 * Adds the statements that update the list of rows without a parent when a table is renamed, unless statements of the migration create another table
 * with the old name, which replaces it.
 */
function withRenames(parts: readonly ScriptPart[], steps: readonly ScriptStep[], broken: string): readonly ScriptPart[] {
	const executed = steps.flatMap(({step}) => (step.kind === 'execute' ? [step.operation.sql] : []));
	const replaced = new Set(executed.flatMap((sql) => createdTable(sql) ?? tableRename(sql)?.[1] ?? []).map(nameKey));
	const renames = new Map(
		steps.flatMap(({step}) =>
			ownStatements(step).flatMap((sql) => {
				const rename = tableRename(sql);
				return rename === undefined || (step.kind === 'execute' && replaced.has(nameKey(rename[0]))) ? [] : [[sql, rename] as const];
			}),
		),
	);
	if (renames.size === 0) return parts;
	const follow = (sql: string) => {
		const rename = renames.get(sql);
		if (rename === undefined) return [sql];
		const [from, to] = rename.map(literal);
		return [sql, ...['child', 'parent'].map((column) => `UPDATE ${broken} SET ${column} = ${to} WHERE ${column} = ${from} COLLATE NOCASE`)];
	};
	return parts.map((part) => ({...part, statements: part.statements.flatMap(follow)}));
}

function tableRename(sql: string): readonly [from: string, to: string] | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const from = qualifiedName(tokens, 2);
	if (from === undefined || !isWord(tokens[from.next], 'RENAME') || !isWord(tokens[from.next + 1], 'TO')) return undefined;
	const to = qualifiedName(tokens, from.next + 2);
	return to === undefined ? undefined : [from.name, to.name];
}

function commentOf({step}: ScriptStep): string {
	const why = step.strategy === 'rewrite' ? `, because ${step.reason}` : '';
	return `${step.object}: ${step.summary}${why}`;
}
