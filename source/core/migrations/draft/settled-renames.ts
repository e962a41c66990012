import {renameIn} from '../../ddl/statements/rename-in.ts';
import {type Decisions, noDecisions} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {temporaryPrefix} from '../../plan/rewrite.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Column, Schema, Source, Table} from '../../schema/schema.ts';
import {squashedBy} from '../history/squashed.ts';
import type {ProjectState} from '../history/state.ts';

/**
 * Returns the models without annotations of circular renames (`a` from `b`, `b` from `a`) that a migration has already made. A database has the same
 * names before and after a swap, so only the migrations show whether the rename was made. Files are loaded only if the models have such a circle.
 *
 * @param from the schema that the models are compared with
 * @param state the migrations that build it
 * @throws MigrError `model` if a squash may have replaced the migration, and no decision states the renames
 */
export async function withSettledRenames(
	models: Schema,
	from: Schema,
	state: ProjectState,
	decisions: Pick<Decisions, 'renames'> = noDecisions,
): Promise<Schema> {
	const tables = circlesIn(models.tables, (name) => findTable(from, name) !== undefined);
	const columns = models.tables.flatMap((table): readonly ColumnCircle[] => {
		const stated = decisions.renames.find(({column, to}) => column === undefined && sameName(to, table.name))?.table;
		const before = findTable(from, stated ?? table.renamedFrom ?? table.name) ?? findTable(from, table.name);
		if (before === undefined) return [];
		return circlesIn(table.columns, (name) => findColumn(before, name) !== undefined).map((circle) => ({before, circle}));
	});
	if (tables.length + columns.length === 0) return models;
	const migrations = await renamesOf(state);
	const renamedTables = tables.filter((circle) => isRenamed(circle, migrations, tableBefore));
	const renamedColumns = columns.filter(({before, circle}) => isRenamed(circle, namedAt(before, migrations), columnBefore));
	const squash = state.files.find((file) => squashedBy(file).length > 0)?.name;
	if (squash !== undefined) {
		const unconfirmed = [
			...tables.filter((circle) => !renamedTables.includes(circle)),
			...columns.filter((circle) => !renamedColumns.includes(circle)).map(({circle}) => circle),
		];
		for (const circle of unconfirmed) requireStated(circle, decisions, squash);
	}
	const settledTables = new Set(renamedTables.flat());
	const settledColumns = new Set(renamedColumns.flatMap(({circle}) => circle));
	return {
		...models,
		tables: models.tables.map((table) => {
			const isSettled = table.columns.some((column) => settledColumns.has(column));
			const settled = isSettled
				? {...table, columns: table.columns.map((column) => (settledColumns.has(column) ? withoutOldName(column) : column))}
				: table;
			return settledTables.has(table) ? withoutOldName(settled) : settled;
		}),
	};
}

/** Throws unless the decisions state all renames of the circle. Decisions override annotations, so the history does not matter for them. */
function requireStated(circle: readonly Annotated[], {renames}: Pick<Decisions, 'renames'>, squash: string): void {
	const isStated = ({name, renamedFrom = ''}: Annotated) =>
		renames.some(({table, column, to}) => sameName(to, name) && sameName(column ?? table, renamedFrom));
	if (circle.every(isStated)) return;
	const [first] = circle;
	const names = circle.map(({name, renamedFrom}) => `${renamedFrom} → ${name}`).join(', ');
	throw new MigrError('model', `the models rename ${names}, but ${squash} may have replaced the migration that did it`, {
		hint: 'remove the annotations if the renames were made; otherwise, state them with --rename',
		location: first?.source,
	});
}

interface ColumnCircle {
	/** The table in the schema that the models are compared with. */
	readonly before: Table;
	readonly circle: readonly Column[];
}

interface Annotated {
	readonly name: string;
	readonly renamedFrom?: string | undefined;
	readonly source?: Source | undefined;
}

function withoutOldName<T extends Annotated>(item: T): T {
	const {renamedFrom: _, ...rest} = item;
	return rest as T;
}

/** Returns circles of annotated renames whose names all exist before. */
function circlesIn<T extends Annotated>(items: readonly T[], exists: (name: string) => boolean): readonly (readonly T[])[] {
	const annotated = items.filter(({name, renamedFrom}) => renamedFrom !== undefined && !sameName(name, renamedFrom) && exists(name));
	if (annotated.length === 0) return [];
	const byName = new Map(annotated.map((item) => [nameKey(item.name), item]));
	const seen = new Set<T>();
	return annotated.flatMap((first) => {
		const circle: T[] = [];
		for (let item: T | undefined = first; item !== undefined && !seen.has(item); item = byName.get(nameKey(item.renamedFrom ?? ''))) {
			seen.add(item);
			circle.push(item);
		}
		return circle.length > 0 && sameName(circle.at(-1)?.renamedFrom ?? '', first.name) ? [circle] : [];
	});
}

type Rename = Extract<Operation, {readonly kind: 'renameTable' | 'renameColumn'}>;

/** Returns the renames of each migration, last first. The newest migration comes first. A file that cannot be loaded has none. */
async function renamesOf({source, files}: ProjectState): Promise<readonly (readonly Rename[])[]> {
	const migrations: (readonly Rename[])[] = [];
	for (const file of files.toReversed()) {
		const upgrade = await source.load(file).then(
			(migration) => migration.upgrade,
			() => [],
		);
		migrations.push(upgrade.flatMap(renameOf).toReversed());
	}
	return migrations;
}

function renameOf(operation: Operation): readonly Rename[] {
	if (operation.kind === 'renameTable' || operation.kind === 'renameColumn') return [operation];
	const rename = operation.kind === 'execute' ? renameIn(operation.sql) : undefined;
	// The last statement of a written-out rewrite renames the temporary table to the original name.
	if (rename === undefined || rename.table.startsWith(temporaryPrefix)) return [];
	const {table, column, to} = rename;
	return [column === undefined ? {kind: 'renameTable', table, to} : {kind: 'renameColumn', table, column, to}];
}

interface NamedMigration {
	readonly renames: readonly Rename[];
	/** The name of the table after the migration. */
	readonly table: string;
}

/** Returns the migrations with the name of the table after each one. */
function namedAt({name}: Table, migrations: readonly (readonly Rename[])[]): readonly NamedMigration[] {
	let table = name;
	return migrations.map((renames) => {
		const after = table;
		for (const rename of renames) if (rename.kind === 'renameTable' && sameName(rename.to, table)) table = rename.table;
		return {renames, table: after};
	});
}

/** True if one of the migrations made all renames of the circle. */
function isRenamed<M>(circle: readonly Annotated[], migrations: readonly M[], before: (name: string, migration: M) => string): boolean {
	return migrations.some((migration) => circle.every(({name, renamedFrom}) => sameName(before(name, migration), renamedFrom ?? '')));
}

function tableBefore(name: string, renames: readonly Rename[]): string {
	return renames.reduce((now, rename) => (rename.kind === 'renameTable' && sameName(rename.to, now) ? rename.table : now), name);
}

function columnBefore(name: string, {renames, table}: NamedMigration): string {
	let [column, of] = [name, table];
	for (const rename of renames) {
		if (rename.kind === 'renameTable' && sameName(rename.to, of)) of = rename.table;
		else if (rename.kind === 'renameColumn' && sameName(rename.table, of) && sameName(rename.to, column)) column = rename.column;
	}
	return column;
}
