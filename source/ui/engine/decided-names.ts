import {renameColumnIn} from '../../core/ddl/expression.ts';
import type {Decisions, Question} from '../../core/diff/question.ts';
import {sameName} from '../../core/schema/identifiers.ts';

/** A question with the names that table and column have in the database now, before the renames that were decided. */
export function inDatabase<Asked extends Question>(question: Asked, decisions: Decisions): Asked {
	const table = tableBefore(question.table, decisions);
	if (question.kind !== 'fill') return {...question, table};
	return {
		...question,
		table,
		column: renamesOf(table, question.table, decisions).find(({to}) => sameName(to, question.column))?.column ?? question.column,
	};
}

/** An expression that may use the new names of columns, with those of the database: by the time it runs the columns are renamed. */
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
