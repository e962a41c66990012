import {identifier, sameName} from '../../schema/identifiers.ts';
import {type CallSite, modelError} from './call-site.ts';
import type {ColumnDefinition, ConflictAction, ReferenceOptions, ReferenceTarget} from './column.ts';
import {tableSymbol} from './column.ts';
import type {CheckPart, ForeignKeyPart, PrimaryKeyPart, UniquePart} from './constraints.ts';
import {type ModelColumn, type ModelStatement, statementAt} from './model.ts';
import {indexStatement, keyColumns, uniqueIndexStatement} from './render-index.ts';
import {isNamed, isSql, literalText, nameSymbol, type SqlExpression, sqlText} from './sql.ts';
import type {TableDefinition} from './table-definition.ts';

/** Returns the CREATE TABLE statement of a table, then its indexes. The loader converts the text to its canonical form. */
export function tableStatements(table: TableDefinition): readonly ModelStatement[] {
	checkDuplicates(table);
	const parts = table.parts();
	const lines = [
		...table.columns.map((column) => columnText(table, column.name, column.definition)),
		...parts.flatMap((part) => (part.part === 'index' ? [] : (constraintText(table, part) ?? []))),
	];
	const options = [table.options.withoutRowid === true ? 'WITHOUT ROWID' : '', table.options.strict === true ? 'STRICT' : ''].filter(Boolean);
	const columns: Record<string, ModelColumn> = {};
	for (const {name, definition} of table.columns) {
		columns[name] = {
			get source() {
				return definition.site();
			},
			...renamed(definition.renamedFrom),
		};
	}
	return [
		statementAt(table.site, {
			sql: `CREATE TABLE ${identifier(table.name)} (${lines.join(', ')})${options.length === 0 ? '' : ` ${options.join(', ')}`}`,
			columns,
			...renamed(table.options.renamedFrom),
		}),
		...table.columns.flatMap(({name, definition}) =>
			definition.unique === undefined || isConstraint(definition.unique)
				? []
				: [uniqueIndexStatement(table, [name], definition.unique.name, definition.site)],
		),
		...parts.flatMap((part) => {
			if (part.part === 'index') return [indexStatement(table, part)];
			return part.part === 'unique' && !isConstraint(part.options) ? [indexStatement(table, {...part, name: part.options.name, unique: true})] : [];
		}),
	];
}

function renamed(from: string | undefined): {readonly renamedFrom?: string} {
	return from === undefined ? {} : {renamedFrom: from};
}

function isConstraint(options: {readonly constraint?: boolean; readonly onConflict?: ConflictAction}): boolean {
	return options.constraint === true || options.onConflict !== undefined;
}

function checkDuplicates(table: TableDefinition): void {
	for (const [at, {name, definition}] of table.columns.entries()) {
		if (table.columns.slice(0, at).some((other) => sameName(other.name, name))) {
			throw modelError(`table ${table.name} has two columns ${name}`, definition.site, 'rename one of them: SQLite ignores case in names');
		}
	}
}

function columnText(table: TableDefinition, name: string, column: ColumnDefinition): string {
	const words = [identifier(name), column.type];
	if (column.primaryKey !== undefined) {
		const {name: constraint, order, onConflict, autoIncrement} = column.primaryKey;
		words.push(constraintName(constraint), 'PRIMARY KEY', order === 'desc' ? 'DESC' : '', conflict(onConflict, column.site));
		words.push(autoIncrement === true ? 'AUTOINCREMENT' : '');
	}
	if (column.notNull !== undefined) words.push(constraintName(column.notNull.name), 'NOT NULL', conflict(column.notNull.onConflict, column.site));
	if (column.unique !== undefined && isConstraint(column.unique)) {
		words.push(constraintName(column.unique.name), 'UNIQUE', conflict(column.unique.onConflict, column.site));
	}
	for (const {expression, name: constraint} of column.checks) {
		words.push(constraintName(constraint), `CHECK (${sqlOf(expression, 'a check', column.site)})`);
	}
	if (column.default !== undefined) {
		words.push(`DEFAULT ${isSql(column.default) ? `(${sqlText(column.default, column.site)})` : literalText(column.default, column.site)}`);
	}
	if (column.collate !== undefined) words.push(`COLLATE ${identifier(column.collate)}`);
	for (const {target, options} of column.references) {
		words.push(
			constraintName(options.name),
			`REFERENCES ${parentOf(`${table.name}.${name}`, target, column.site)}`,
			referenceActions(options, column.site),
		);
	}
	if (column.generated !== undefined) {
		const expression = sqlOf(column.generated.expression, 'generatedAlwaysAs()', column.site);
		words.push(`GENERATED ALWAYS AS (${expression}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`);
	}
	return words.filter(Boolean).join(' ');
}

function sqlOf(expression: SqlExpression | (() => SqlExpression), what: string, site: CallSite): string {
	const result = typeof expression === 'function' ? expression() : expression;
	if (!isSql(result)) throw modelError(`${what} takes an expression`, site, 'write it as sql`…`');
	return sqlText(result, site);
}

function constraintText(table: TableDefinition, part: CheckPart | PrimaryKeyPart | UniquePart | ForeignKeyPart): string | undefined {
	switch (part.part) {
		case 'check':
			return `${constraintName(part.name)} CHECK (${sqlOf(part.expression, 'a check', part.site)})`;
		case 'primaryKey': {
			const columns = keyColumns(table, part.columns, `the primary key of ${table.name}`, part.site);
			const autoincrement = part.autoIncrement ? ' AUTOINCREMENT' : '';
			return `${constraintName(part.name)} PRIMARY KEY (${columns.join(', ')}${autoincrement}) ${conflict(part.onConflict, part.site)}`;
		}
		case 'unique': {
			if (!isConstraint(part.options)) return undefined;
			const columns = keyColumns(table, part.columns, `a unique of ${table.name}`, part.site);
			return `${constraintName(part.options.name)} UNIQUE (${columns.join(', ')}) ${conflict(part.options.onConflict, part.site)}`;
		}
		case 'foreignKey':
			return foreignKeyText(table, part);
	}
}

function foreignKeyText(table: TableDefinition, part: ForeignKeyPart): string {
	const columns = keyColumns(table, part.columns, `a foreign key of ${table.name}`, part.site).join(', ');
	return `${constraintName(part.options.name)} FOREIGN KEY (${columns}) REFERENCES ${parentOfKey(table, part)} ${referenceActions(part.options, part.site)}`;
}

function parentOfKey(table: TableDefinition, {foreignColumns, site}: ForeignKeyPart): string {
	if ('table' in foreignColumns) {
		const parent = isNamed(foreignColumns.table) ? foreignColumns.table[nameSymbol] : foreignColumns.table;
		return `${identifier(parent)}${foreignColumns.columns === undefined ? '' : ` (${foreignColumns.columns.map(identifier).join(', ')})`}`;
	}
	const [first] = foreignColumns;
	for (const column of foreignColumns) {
		if (!isNamed(column) || !(tableSymbol in column)) {
			throw modelError(
				`a foreign key of ${table.name} refers to something that is not a lite-migr column`,
				site,
				"write foreignColumns: {table: 'user', columns: ['id']} for a table from a .sql file",
			);
		}
		if (column[tableSymbol] !== first?.[tableSymbol]) throw modelError(`a foreign key of ${table.name} refers to columns of two tables`, site);
	}
	if (first === undefined) throw modelError(`a foreign key of ${table.name} refers to no column`, site);
	return `${identifier(first[tableSymbol])} (${foreignColumns.map((column) => identifier(column[nameSymbol])).join(', ')})`;
}

/** Returns the parent of a foreign key: `user (id)`, or `user` for its primary key. */
function parentOf(column: string, target: ReferenceTarget, site: CallSite): string {
	if (typeof target === 'string') {
		const dot = target.lastIndexOf('.');
		return dot < 0 ? identifier(target) : `${identifier(target.slice(0, dot))} (${identifier(target.slice(dot + 1))})`;
	}
	const parent = target();
	if (!isNamed(parent)) {
		throw modelError(
			`${column} refers to nothing: the function returns ${parent === undefined ? 'undefined' : 'something that is not a lite-migr column or table'}`,
			site,
			"write .references(() => user.id), or .references('user.id') for a table from another kind of file",
		);
	}
	return tableSymbol in parent ? `${identifier(parent[tableSymbol] as string)} (${identifier(parent[nameSymbol])})` : identifier(parent[nameSymbol]);
}

const actions = new Set(['cascade', 'restrict', 'set null', 'set default', 'no action']);

function referenceActions(options: ReferenceOptions, site: CallSite): string {
	const action = (event: string, name: string | undefined) => {
		if (name === undefined) return '';
		if (!actions.has(name.toLowerCase())) {
			throw modelError(`${name} is not a foreign key action`, site, `use one of these actions: ${[...actions].join(', ')}`);
		}
		return `ON ${event} ${name.toUpperCase()}`;
	};
	return [
		action('DELETE', options.onDelete),
		action('UPDATE', options.onUpdate),
		options.match === undefined ? '' : `MATCH ${identifier(options.match)}`,
		options.deferred === true ? 'DEFERRABLE INITIALLY DEFERRED' : '',
	]
		.filter(Boolean)
		.join(' ');
}

function constraintName(name: string | undefined): string {
	return name === undefined ? '' : `CONSTRAINT ${identifier(name)}`;
}

const conflicts = new Set(['rollback', 'abort', 'fail', 'ignore', 'replace']);

function conflict(action: ConflictAction | undefined, site: CallSite): string {
	if (action === undefined) return '';
	if (!conflicts.has(action.toLowerCase())) {
		throw modelError(`${action} is not a conflict clause`, site, `use one of these clauses: ${[...conflicts].join(', ')}`);
	}
	return `ON CONFLICT ${action.toUpperCase()}`;
}
