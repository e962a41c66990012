import {sameName} from '../schema/identifiers.ts';
import type {KeyColumn, Table} from '../schema/schema.ts';
import {property, templateText, textLiteral} from '../text/typescript.ts';
import {inlineChecks, inlineKey, inlineReferences, inlineUniques, options, referenceOptionsText, shared} from './typescript-column.ts';

/** Returns the constraints of a table that are not written on a column. */
export function constraintTexts(table: Table): readonly string[] {
	const inline = table.columns.flatMap((column) => [
		...inlineKey(table, column),
		...inlineUniques(table, column),
		...inlineReferences(table, column),
		...inlineChecks(table, column),
	]);
	const isLeft = (constraint: object) => !(inline as readonly object[]).includes(constraint);
	const column = (name: string) => property('t', table.columns.find((one) => sameName(one.name, name))?.name ?? name);
	const keyColumns = (columns: readonly KeyColumn[]) =>
		columns
			.map(
				({name, collate, descending}) =>
					`${column(name)}${collate === undefined ? '' : `.collate(${textLiteral(collate)})`}${descending ? '.desc()' : ''}`,
			)
			.join(', ');
	const {primaryKey} = table;
	return [
		...(primaryKey === undefined || !isLeft(primaryKey)
			? []
			: [
					`primaryKey(${options([`columns: [${keyColumns(primaryKey.columns)}]`, primaryKey.autoincrement && 'autoIncrement: true', ...shared(primaryKey)])})`,
				]),
		...table.uniques.filter(isLeft).map((unique) => `unique(${options(['constraint: true', ...shared(unique)])}).on(${keyColumns(unique.columns)})`),
		...table.checks
			.filter(isLeft)
			.map(({name, expression}) => `check(${name === undefined ? '' : `${textLiteral(name)}, `}sql\`${templateText(expression.text)}\`)`),
		...table.foreignKeys.filter(isLeft).map((key) => {
			const parent = options([
				`table: ${textLiteral(key.parent)}`,
				key.parentColumns.length > 0 && `columns: [${key.parentColumns.map(textLiteral).join(', ')}]`,
			]);
			const actions = referenceOptionsText(key).slice(1, -1);
			return `foreignKey({columns: [${key.columns.map(column).join(', ')}], foreignColumns: ${parent}${actions === '' ? '' : `, ${actions}`}})`;
		}),
	];
}
