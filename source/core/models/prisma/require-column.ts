import {nearest} from '../../text/nearest.ts';
import {prismaError} from './prisma-error.ts';
import type {PrismaColumn, PrismaModel} from './resolve.ts';
import type {Place} from './syntax.ts';

/** Returns the column of a field. @throws MigrError `model` if there is no such field, or if it is a relation */
export function requireColumn({block, columns, relations}: PrismaModel, name: string, what: string, place: Place): PrismaColumn {
	const column = columns.find(({field}) => field.name === name);
	if (column !== undefined) return column;
	if (relations.some(({field}) => field.name === name)) {
		throw prismaError(place, `${what} refers to ${block.name}.${name}, which is a relation`, 'use the field that stores the key');
	}
	const near = nearest(
		name,
		columns.map(({field}) => field.name),
	);
	throw prismaError(place, `${what} refers to ${block.name}.${name}, which does not exist`, near === undefined ? undefined : `did you mean ${near}?`);
}
