import {normalType} from '../../schema/normal-form.ts';
import type {Sql} from '../../schema/schema.ts';

export type PrismaFamily = 'int' | 'bigint' | 'float' | 'decimal' | 'boolean' | 'string' | 'datetime' | 'bytes' | 'json';

const families: Readonly<Record<string, PrismaFamily>> = {
	int: 'int',
	integer: 'int',
	serial: 'int',
	bigint: 'bigint',
	real: 'float',
	float: 'float',
	double: 'float',
	boolean: 'boolean',
	text: 'string',
	date: 'datetime',
	datetime: 'datetime',
	timestamp: 'datetime',
	binary: 'bytes',
	blob: 'bytes',
	jsonb: 'json',
};

/** The types that Prisma creates. Any other type in a schema is stated by `Unsupported`. */
const ownTypes = ['TEXT', 'BOOLEAN', 'INTEGER', 'BIGINT', 'REAL', 'DECIMAL', 'DATETIME', 'JSONB', 'BLOB'];

/** True if a type in a schema for Prisma, and the type in the database, are the same for Prisma. */
export function isSamePrismaType(schema: string, database: string): boolean {
	if (normalType(schema) === normalType(database)) return true;
	return ownTypes.includes(schema.toUpperCase()) && prismaFamily(schema) === prismaFamily(database);
}

/** Returns the family of a declared type, within which Prisma sees no difference between types of SQLite. Undefined for all other types. */
export function prismaFamily(type: string): PrismaFamily | undefined {
	const lower = type.toLowerCase();
	if (Object.hasOwn(families, lower)) return families[lower];
	if (lower.includes('char')) return 'string';
	return lower.includes('numeric') || lower.includes('decimal') ? 'decimal' : undefined;
}

/** True if a default in the database is the one in the schema for Prisma, in a different spelling. */
export function isSamePrismaDefault(family: PrismaFamily | undefined, schema: Sql, database: Sql | undefined): boolean {
	if (database === undefined) return false;
	switch (family) {
		case 'boolean':
			return schema.normal === booleans[database.normal];
		case 'datetime':
			return schema.normal === 'current_timestamp' && /^datetime\('now'(?:,'localtime')?\)$/.test(database.normal);
		case 'int':
		case 'bigint':
		case 'float':
		case 'decimal':
			return isSameNumber(schema.normal, database.normal);
		case 'json':
			return isUnquotedList(schema.normal, database.normal);
		default:
			return false;
	}
}

const booleans: Readonly<Record<string, string>> = {1: 'true', 0: 'false', "'1'": 'true', "'0'": 'false', "'true'": 'true', "'false'": 'false'};

function isSameNumber(a: string, b: string): boolean {
	const isNumber = (text: string) => /^'?[+-]?\d{1,12}(?:\.\d{1,12})?'?$/.test(text);
	return isNumber(a) && isNumber(b) && Number(a.replaceAll("'", '')) === Number(b.replaceAll("'", ''));
}

/** True for `DEFAULT [1]`, which Prisma writes for the JSON `[1]`: SQLite reads the brackets as quotes. Prisma Client writes the value itself. */
function isUnquotedList(schema: string, database: string): boolean {
	return schema === `'[${database.slice(1, -1)}]'`;
}
