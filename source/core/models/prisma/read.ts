import {identifier} from '../../schema/identifiers.ts';
import type {ModelStatement} from '../language/model.ts';
import {datasourceOf} from './datasource.ts';
import {defaultText, hasUnstatedDefault} from './default.ts';
import {indexesOf, type PrismaIndex, primaryKeyOf} from './keys.ts';
import {parsePrisma} from './parse.ts';
import {prismaError} from './prisma-error.ts';
import {type JoinTable, type PrismaForeignKey, relationPlace, relationsOf} from './relations.ts';
import {type PrismaColumn, type PrismaModel, resolveModels} from './resolve.ts';

/**
 * Returns the tables and indexes that Prisma Migrate 7 creates in SQLite from a Prisma schema, as DDL statements with their locations.
 *
 * The files are one schema, in any order. They are read as text: nothing is executed, and `env()` is not evaluated. Views have no statement, because
 * a Prisma schema does not contain their SELECT.
 *
 * @throws MigrError `model`, with file and line, if a text is not a Prisma schema for SQLite
 */
export function readPrismaModels(files: readonly {readonly path: string; readonly text: string}[]): readonly ModelStatement[] {
	const parsed = files.map(({path, text}) => parsePrisma(path, text));
	const {hasForeignKeys} = datasourceOf(parsed);
	const models = resolveModels(parsed);
	const {foreignKeys, joinTables} = relationsOf(models);
	const tables = models.filter(({block}) => block.kind === 'model');
	return [
		...tables.flatMap((model) => tableStatements(model, hasForeignKeys ? (foreignKeys.get(model) ?? []) : [])),
		...joinTables.flatMap((join) => joinStatements(join, hasForeignKeys)),
	];
}

function tableStatements(model: PrismaModel, foreignKeys: readonly PrismaForeignKey[]): readonly ModelStatement[] {
	const key = primaryKeyOf(model);
	const indexes = indexesOf(model);
	const lines = [
		...model.columns.map((column) => columnText(column, key.length === 1 && key[0] === column)),
		...(key.length > 1 ? [`PRIMARY KEY (${namesText(key)})`] : []),
		...indexes.filter(isConstraint).map(({columns}) => `UNIQUE (${columns.join(', ')})`),
		...foreignKeys.map((foreignKey) => foreignKeyText(model.table, foreignKey)),
	];
	const columns = model.columns.map(({name, field}) => {
		const marks = hasUnstatedDefault(field) ? {hasUnstatedDefault: true as const} : {};
		return [name, {source: field.place, renamedFrom: field.renamedFrom, ...marks}] as const;
	});
	return [
		{
			sql: createTable(model.table, lines),
			source: model.block.place,
			renamedFrom: model.block.renamedFrom,
			columns: Object.fromEntries(columns),
			writtenIn: 'prisma',
		},
		...indexes
			.filter((index) => !isConstraint(index))
			.map((index) => {
				const where = index.condition === undefined ? '' : ` WHERE ${index.condition}`;
				const unique = index.isUnique ? 'UNIQUE ' : '';
				const sql = `CREATE ${unique}INDEX ${identifier(index.name)} ON ${identifier(model.table)} (${index.columns.join(', ')})${where}`;
				return {sql, source: index.place};
			}),
	];
}

/** True for the index of a UNIQUE constraint. Prisma writes its name when it reads a database, and SQLite reserves it. */
function isConstraint({name, isUnique, condition}: PrismaIndex): boolean {
	return isUnique && condition === undefined && /^sqlite_autoindex_/i.test(name);
}

function createTable(name: string, lines: readonly string[]): string {
	return `CREATE TABLE ${identifier(name)} (\n${lines.map((line) => `    ${line}`).join(',\n')}\n)`;
}

function columnText(column: PrismaColumn, isKey: boolean): string {
	const {name, type, field, of} = column;
	const value = defaultText(column, isKey);
	// Prisma adds AUTOINCREMENT even without @default(autoincrement()).
	const isCounter = isKey && of.kind === 'scalar' && of.scalar === 'Int';
	return [
		identifier(name),
		type,
		field.arity === 'optional' ? '' : 'NOT NULL',
		isKey ? 'PRIMARY KEY' : '',
		isCounter ? 'AUTOINCREMENT' : '',
		value === undefined ? '' : `DEFAULT ${value}`,
	]
		.filter(Boolean)
		.join(' ');
}

function foreignKeyText(table: string, {columns, parent, parentColumns, onDelete, onUpdate}: PrismaForeignKey): string {
	const name = identifier(`${table}_${columns.map((column) => column.name).join('_')}_fkey`);
	const references = `${identifier(parent.table)} (${namesText(parentColumns)})`;
	return `CONSTRAINT ${name} FOREIGN KEY (${namesText(columns)}) REFERENCES ${references} ON DELETE ${onDelete} ON UPDATE ${onUpdate}`;
}

function namesText(columns: readonly PrismaColumn[]): string {
	return columns.map(({name}) => identifier(name)).join(', ');
}

function joinStatements({name, models, field, renamedFrom}: JoinTable, hasForeignKeys: boolean): readonly ModelStatement[] {
	const sides = models.map((model, at) => {
		const key = primaryKeyOf(model);
		const [only] = key;
		if (only === undefined || key.length > 1) {
			const message = `the many-to-many relation ${relationPlace(field)} needs a primary key with one field in ${model.block.name}`;
			throw prismaError(field.field.place, message, 'write a model for the join table, with a relation to each side');
		}
		return {column: at === 0 ? 'A' : 'B', key: only, table: model.table};
	});
	const lines = [
		...sides.map(({column, key}) => `${column} ${key.type} NOT NULL`),
		...(hasForeignKeys
			? sides.map(({column, key, table}) => {
					const constraint = identifier(`${name}_${column}_fkey`);
					return `CONSTRAINT ${constraint} FOREIGN KEY (${column}) REFERENCES ${identifier(table)} (${identifier(key.name)}) ON DELETE CASCADE ON UPDATE CASCADE`;
				})
			: []),
	];
	const source = field.field.place;
	return [
		{sql: createTable(name, lines), source, renamedFrom, columns: {A: {source}, B: {source}}, writtenIn: 'prisma'},
		{sql: `CREATE UNIQUE INDEX ${identifier(`${name}_AB_unique`)} ON ${identifier(name)} (A, B)`, source},
		{sql: `CREATE INDEX ${identifier(`${name}_B_index`)} ON ${identifier(name)} (B)`, source},
	];
}
