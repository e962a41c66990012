import {quoted} from '../../../source/core/schema/identifiers.ts';
import {columnOf, filled, type KeyPart, type Model, type ModelColumn, type ModelIndex, type ModelTable, type ModelTrigger, namesOf} from './model.ts';

/** The CREATE statements of a model, by kind. They can be executed in this order. */
export interface Statements {
	readonly tables: readonly string[];
	readonly indexes: readonly string[];
	readonly virtuals: readonly string[];
	readonly views: readonly string[];
	readonly triggers: readonly string[];
}

export function statementsOfModel(model: Model): Statements {
	const names = namesOf(model);
	return {
		tables: model.tables.map((table) => tableSql(table, names)),
		indexes: model.indexes.map((index) => indexSql(index, names)),
		virtuals: model.virtuals.map(({name, module}) => `CREATE VIRTUAL TABLE ${quoted(name)} USING ${filled(module, names)}`),
		views: model.views.map(
			({name, columns, select}) =>
				`CREATE VIEW ${quoted(name)}${columns.length === 0 ? '' : ` (${columns.map(quoted).join(', ')})`} AS ${filled(select, names)}`,
		),
		triggers: model.triggers.map((trigger) => triggerSql(trigger, names)),
	};
}

export function allStatements({tables, indexes, virtuals, views, triggers}: Statements): readonly string[] {
	return [...tables, ...indexes, ...virtuals, ...views, ...triggers];
}

function constraint(name: string | undefined): string {
	return name === undefined ? '' : `CONSTRAINT ${quoted(name)} `;
}

function conflict(clause: string | undefined): string {
	return clause === undefined ? '' : ` ON CONFLICT ${clause}`;
}

type Names = ReadonlyMap<number, string>;

function tableSql(table: ModelTable, names: Names): string {
	const options = [...(table.withoutRowid ? ['WITHOUT ROWID'] : []), ...(table.strict ? ['STRICT'] : [])].join(', ');
	const lines = [...table.columns.map((column) => columnSql(table, column, names)), ...tableConstraints(table, names)];
	return `CREATE TABLE ${quoted(table.name)} (\n  ${lines.join(',\n  ')}\n) ${options}`.trim();
}

/** Returns the definition of a column with its constraints. */
function columnSql(table: ModelTable, column: ModelColumn, names: Names): string {
	const {key} = table;
	const parts = [quoted(column.name), column.type];
	if (key?.isInline === true && key.columns[0]?.column === column.id) {
		const order = key.columns[0].descending === true ? ' DESC' : '';
		parts.push(`${constraint(key.name)}PRIMARY KEY${order}${conflict(key.onConflict)}${key.autoincrement ? ' AUTOINCREMENT' : ''}`);
	}
	if (column.notNull !== undefined) parts.push(`${constraint(column.notNull.name)}NOT NULL${conflict(column.notNull.onConflict)}`);
	if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`);
	if (column.collate !== undefined) parts.push(`COLLATE ${column.collate}`);
	for (const unique of table.uniques) {
		if (unique.isInline && unique.columns[0]?.column === column.id) parts.push(`${constraint(unique.name)}UNIQUE${conflict(unique.onConflict)}`);
	}
	for (const check of table.checks) {
		if (check.column === column.id) parts.push(`${constraint(check.name)}CHECK (${filled(check.expression, names)})`);
	}
	for (const foreignKey of table.foreignKeys) {
		if (foreignKey.columns.length === 1 && foreignKey.columns[0] === column.id)
			parts.push(constraint(foreignKey.name) + references(foreignKey.parent, foreignKey.parentColumns, foreignKey.actions, names));
	}
	if (column.generated !== undefined)
		parts.push(`GENERATED ALWAYS AS (${filled(column.generated.expression, names)}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`);
	return parts.filter((part) => part !== '').join(' ');
}

function references(parent: number, columns: readonly number[], actions: string, names: Names): string {
	const list = columns.length === 0 ? '' : ` (${columns.map((id) => quoted(names.get(id) as string)).join(', ')})`;
	return `REFERENCES ${quoted(names.get(parent) as string)}${list} ${actions}`.trim();
}

function tableConstraints(table: ModelTable, names: Names): string[] {
	const lines: string[] = [];
	const keyParts = (parts: readonly KeyPart[]) =>
		parts
			.map(({column, collate, descending}) => {
				const {name} = columnOf(table, column) as ModelColumn;
				return `${quoted(name)}${collate === undefined ? '' : ` COLLATE ${collate}`}${descending === true ? ' DESC' : ''}`;
			})
			.join(', ');
	const {key} = table;
	if (key !== undefined && !key.isInline) {
		const autoincrement = key.autoincrement ? ' AUTOINCREMENT' : '';
		lines.push(`${constraint(key.name)}PRIMARY KEY (${keyParts(key.columns)}${autoincrement})${conflict(key.onConflict)}`);
	}
	for (const unique of table.uniques) {
		if (!unique.isInline) lines.push(`${constraint(unique.name)}UNIQUE (${keyParts(unique.columns)})${conflict(unique.onConflict)}`);
	}
	for (const check of table.checks) {
		if (check.column === undefined) lines.push(`${constraint(check.name)}CHECK (${filled(check.expression, names)})`);
	}
	for (const {name, columns, parent, parentColumns, actions} of table.foreignKeys) {
		if (columns.length < 2) continue;
		const list = columns.map((id) => quoted(names.get(id) as string)).join(', ');
		lines.push(`${constraint(name)}FOREIGN KEY (${list}) ${references(parent, parentColumns, actions, names)}`);
	}
	return lines;
}

function indexSql(index: ModelIndex, names: Names): string {
	const columns = index.columns.map(({expression, suffix}) => `${filled(expression, names)}${suffix}`).join(', ');
	const where = index.where === undefined ? '' : ` WHERE ${filled(index.where, names)}`;
	return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quoted(index.name)} ON ${quoted(names.get(index.table) as string)} (${columns})${where}`;
}

function triggerSql({name, on, timing, event, updateOf, when, body}: ModelTrigger, names: Names): string {
	const columns = updateOf.length === 0 ? '' : ` OF ${updateOf.map((id) => quoted(names.get(id) as string)).join(', ')}`;
	const condition = when === undefined ? '' : ` WHEN ${filled(when, names)}`;
	return `CREATE TRIGGER ${quoted(name)} ${timing} ${event}${columns} ON ${filled(on, names)}${condition} BEGIN ${filled(body, names)} END`;
}
