import {sameName} from '../schema/identifiers.ts';
import type {Check} from '../schema/schema.ts';
import {checksOf} from './column-facts.ts';
import type {TableWork} from './table-steps.ts';

/** The new checks but for those that an added column brings along. */
export function addedChecks({delta}: TableWork): readonly Check[] {
	return delta.checks.added.filter(({column}) => column === undefined || !delta.added.some(({name}) => sameName(name, column)));
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

function canBeNamed({before, features}: TableWork, check: Check): boolean {
	const {name} = check;
	if (name === undefined || !features.alterConstraints) return false;
	const names = [
		...before.checks.map((other) => other.name),
		...before.uniques.map((unique) => unique.name),
		...before.foreignKeys.map((key) => key.name),
		...before.columns.map((column) => column.notNull?.name),
		before.primaryKey?.name,
	];
	return names.filter((other) => other !== undefined && sameName(other, name)).length === 1;
}

/** The dropped checks that no DROP CONSTRAINT can name. */
export function unnamedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => !canBeNamed(work, check));
}
