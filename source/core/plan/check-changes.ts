import {sameName} from '../schema/identifiers.ts';
import type {Check, Table} from '../schema/schema.ts';
import {checksOf} from './column-facts.ts';
import type {TableWork} from './table-work.ts';

/** Returns the new checks, except those of added columns. */
function addedChecks({delta}: TableWork): readonly Check[] {
	return delta.checks.added.filter(({column}) => column === undefined || !delta.added.some(({name}) => sameName(name, column)));
}

/** Returns the new checks that ADD CONSTRAINT can add. It does not accept a name that another constraint of the table uses. */
export function alteredChecks(work: TableWork): readonly Check[] {
	return addedChecks(work).filter((check) => canBeAltered(work, check));
}

/** Returns the new checks that need an edit. */
export function scannedChecks(work: TableWork): readonly Check[] {
	return addedChecks(work).filter((check) => !canBeAltered(work, check));
}

function canBeAltered({before, after, features}: TableWork, {name}: Check): boolean {
	if (!features.addCheck) return false;
	return name === undefined || [...constraintNames(before), ...constraintNames(after)].filter((other) => sameName(other, name)).length === 1;
}

function constraintNames(table: Table): readonly string[] {
	const named = [...table.checks, ...table.uniques, ...table.foreignKeys, table.primaryKey ?? {}, ...table.columns.map(({notNull}) => notNull ?? {})];
	return named.flatMap(({name}) => (name === undefined ? [] : [name]));
}

/** Returns the dropped checks, except those of dropped columns. */
export function droppedChecks({delta, before}: TableWork): readonly Check[] {
	const along = delta.dropped.flatMap((column) => checksOf(before, column));
	return delta.checks.dropped.filter((check) => !along.includes(check));
}

/** Returns the dropped checks that DROP CONSTRAINT can drop. It drops the first constraint with the name, so the name must be unique. */
export function namedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => canBeNamed(work, check));
}

function canBeNamed({before, features}: TableWork, {name}: Check): boolean {
	return name !== undefined && features.alterConstraints && constraintNames(before).filter((other) => sameName(other, name)).length === 1;
}

/** Returns the dropped checks that DROP CONSTRAINT cannot drop. */
export function unnamedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => !canBeNamed(work, check));
}
