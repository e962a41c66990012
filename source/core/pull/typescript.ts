import {orderByNames} from '../operations/order-by-names.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findTable, indexesOf, parentsOf} from '../schema/lookup.ts';
import type {Index, Schema, Table, Trigger, View, VirtualTable} from '../schema/schema.ts';
import {objectKey, property, templateText, textLiteral, variableNames} from '../text/typescript.ts';
import {columnText, isWrittenInline} from './typescript-column.ts';
import {constraintTexts} from './typescript-constraints.ts';

/** The functions of the table language. Variables must not use their names. */
const language = [
	'any',
	'blob',
	'check',
	'foreignKey',
	'index',
	'integer',
	'numeric',
	'primaryKey',
	'real',
	'sql',
	'table',
	'text',
	'trigger',
	'unique',
	'uniqueIndex',
	'view',
	'virtualTable',
];

/** Returns a schema as a model file in the table language. Reading the file gives the same schema. */
export function pulledTypescript(schema: Schema): string {
	const tables = orderByNames(schema.tables, parentsOf);
	const views = orderByNames(schema.views, ({mentions}) => mentions);
	const names = [...tables, ...schema.virtualTables, ...views].map(({name}) => name);
	const variables = variableNames(names, [...language, 't']);
	const triggerVariables = variableNames(
		schema.triggers.map(({name}) => name),
		[...language, ...variables.values()],
	);
	const written = new Set<string>();
	const blocks: string[] = [];
	for (const table of tables) {
		blocks.push(tableText(table, schema, variables, written));
		written.add(nameKey(table.name));
	}
	blocks.push(...schema.virtualTables.map((table) => virtualTableText(table, variables.get(table.name) ?? '')));
	blocks.push(...views.map((view) => viewText(view, variables.get(view.name) ?? '')));
	blocks.push(...schema.triggers.map((trigger) => triggerText(trigger, triggerVariables.get(trigger.name) ?? '', variables)));
	const body = blocks.join('\n');
	const used = language.filter((name) => new RegExp(`(?<![\\w$.'\`])${name}(?=[(\`.])`).test(body));
	return used.length === 0 ? 'export {};\n' : `import {${used.join(', ')}} from 'lite-migr';\n\n${body}`;
}

function tableText(table: Table, schema: Schema, variables: ReadonlyMap<string, string>, written: ReadonlySet<string>): string {
	const parentVariable = (parent: string) => (written.has(nameKey(parent)) ? variables.get(findTable(schema, parent)?.name ?? '') : undefined);
	const own = indexesOf(schema, table);
	const inline = own.filter((index) => isInlineUnique(index, table));
	const columns = table.columns.map((column) => {
		const isUnique = inline.some((index) => sameName(index.columns[0]?.column ?? '', column.name));
		return `\t${objectKey(column.name)}: ${columnText(column, table, isUnique, parentVariable)},`;
	});
	const parts = [...constraintTexts(table), ...own.filter((index) => !inline.includes(index)).map((index) => indexText(index, table))];
	const options = [...(table.strict ? ['strict: true'] : []), ...(table.withoutRowid ? ['withoutRowid: true'] : [])];
	const third = parts.length === 0 ? '' : `, (t) => [\n${parts.map((part) => `\t${part},\n`).join('')}]`;
	const fourth = options.length === 0 ? '' : `, {${options.join(', ')}}`;
	return `export const ${variables.get(table.name)} = table(${textLiteral(table.name)}, {\n${columns.join('\n')}\n}${third}${fourth});\n`;
}

/** True for a unique index on one column with the name that `.unique()` would choose. */
function isInlineUnique(index: Index, table: Table): boolean {
	const [only] = index.columns;
	if (!index.unique || index.columns.length !== 1 || only?.column === undefined || only.descending || only.collate !== undefined) return false;
	return index.where === undefined && index.name === `${table.name}_${only.column}_unique` && isWrittenInline(table, only.column);
}

function indexText(index: Index, table: Table): string {
	const columns = index.columns.map(({column, expression, collate, descending}) => {
		const known = column === undefined ? undefined : table.columns.find(({name}) => sameName(name, column));
		const part = known === undefined ? `sql\`${templateText(expression.text)}\`` : property('t', known.name);
		return `${part}${collate === undefined ? '' : `.collate(${textLiteral(collate)})`}${descending ? '.desc()' : ''}`;
	});
	const where = index.where === undefined ? '' : `.where(sql\`${templateText(index.where.text)}\`)`;
	return `${index.unique ? 'uniqueIndex' : 'index'}(${textLiteral(index.name)}).on(${columns.join(', ')})${where}`;
}

function viewText(view: View, variable: string): string {
	const columns = view.columns.length === 0 ? '' : `, [${view.columns.map(textLiteral).join(', ')}]`;
	return `export const ${variable} = view(${textLiteral(view.name)}${columns}).as(sql\`${templateText(view.select.text)}\`);\n`;
}

function virtualTableText(table: VirtualTable, variable: string): string {
	const args = table.arguments.length === 0 ? '' : `, [${table.arguments.map(({text}) => textLiteral(text)).join(', ')}]`;
	return `export const ${variable} = virtualTable(${textLiteral(table.name)}, ${textLiteral(table.module)}${args});\n`;
}

function triggerText(trigger: Trigger, variable: string, variables: ReadonlyMap<string, string>): string {
	const timing = {BEFORE: 'before', AFTER: 'after', 'INSTEAD OF': 'insteadOf'}[trigger.timing];
	const on = [...variables].find(([name]) => sameName(name, trigger.table))?.[1] ?? textLiteral(trigger.table);
	const lines = [
		`${timing}: '${trigger.event.toLowerCase()}'`,
		`on: ${on}`,
		...(trigger.updateOf.length === 0 ? [] : [`of: [${trigger.updateOf.map(textLiteral).join(', ')}]`]),
		...(trigger.when === undefined ? [] : [`when: sql\`${templateText(trigger.when.text)}\``]),
		`do: sql\`${templateText(trigger.body.text)}\``,
	];
	return `export const ${variable} = trigger(${textLiteral(trigger.name)}, {\n${lines.map((line) => `\t${line},\n`).join('')}});\n`;
}
