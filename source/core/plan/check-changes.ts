import {sameName} from '../schema/identifiers.ts';
import type {Check, Table} from '../schema/schema.ts';
import {checksOf} from './column-facts.ts';
import type {TableWork} from './table-steps.ts';

/** The new checks but for those that an added column brings along. */
function addedChecks({delta}: TableWork): readonly Check[] {
	return delta.checks.added.filter(({column}) => column === undefined || !delta.added.some(({name}) => sameName(name, column)));
}

/** The new checks that ADD CONSTRAINT can add: it takes no name that some constraint of the table has. */
export function alteredChecks(work: TableWork): readonly Check[] {
	return addedChecks(work).filter((check) => canBeAltered(work, check));
}

/** The new checks that an edit must add. */
export function scannedChecks(work: TableWork): readonly Check[] {
	return addedChecks(work).filter((check) => !canBeAltered(work, check));
}

function canBeAltered({before, after, features}: TableWork, {name}: Check): boolean {
	if (!features.alterConstraints) return false;
	return name === undefined || [...constraintNames(before), ...constraintNames(after)].filter((other) => sameName(other, name)).length === 1;
}

function constraintNames(table: Table): readonly string[] {
	const named = [...table.checks, ...table.uniques, ...table.foreignKeys, table.primaryKey ?? {}, ...table.columns.map(({notNull}) => notNull ?? {})];
	return named.flatMap(({name}) => (name === undefined ? [] : [name]));
}

/** Checks that go with a dropped column need nothing of their own. */
export function droppedChecks({delta, before}: TableWork): readonly Check[] {
	const along = delta.dropped.flatMap((column) => checksOf(before, column));
	return delta.checks.dropped.filter((check) => !along.includes(check));
}

/** The dropped checks that DROP CONSTRAINT can name; it takes the first of that name, so the name must be the only one. */
export function namedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => canBeNamed(work, check));
}

function canBeNamed({before, features}: TableWork, {name}: Check): boolean {
	return name !== undefined && features.alterConstraints && constraintNames(before).filter((other) => sameName(other, name)).length === 1;
}

/** The dropped checks that no DROP CONSTRAINT can name. */
export function unnamedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => !canBeNamed(work, check));
}
