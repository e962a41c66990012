import {renameColumnIn} from '../../core/ddl/expression.ts';
import type {Decisions, Question} from '../../core/diff/question.ts';
import {sameName} from '../../core/schema/identifiers.ts';

/** Returns a question with the current names of table and column in the database, before the decided renames. */
export function inDatabase<Asked extends Question>(question: Asked, decisions: Decisions): Asked {
	const table = tableBefore(question.table, decisions);
	if (question.kind !== 'fill') return {...question, table};
	return {
		...question,
		table,
		column: renamesOf(table, question.table, decisions).find(({to}) => sameName(to, question.column))?.column ?? question.column,
	};
}

/** Replaces new column names in an expression with the current names in the database. The columns are only renamed when the migration runs. */
export function expressionInDatabase(expression: string, question: Question, decisions: Decisions): string {
	const table = tableBefore(question.table, decisions);
	return renamesOf(table, question.table, decisions).reduce((text, {column, to}) => renameColumnIn(text, table, to, column), expression);
}

function tableBefore(table: string, {renames}: Decisions): string {
	return renames.find(({column, to}) => column === undefined && sameName(to, table))?.table ?? table;
}

function renamesOf(before: string, after: string, {renames}: Decisions): readonly {readonly column: string; readonly to: string}[] {
	return renames.flatMap(({table, column, to}) =>
		column !== undefined && (sameName(table, before) || sameName(table, after)) ? [{column, to}] : [],
	);
}
