import {pathToFileURL} from 'node:url';

// Prints, as JSON, the statements that drizzle-kit creates for a schema file and an empty database. It is a separate process, since drizzle-kit
// must find the drizzle-orm next to it: node --preserve-symlinks kit-process.ts <kit module> <schema file> [casing]

interface Kit {
	generateDrizzleJson?(exports: object): Promise<unknown>;
	generateMigration?(from: unknown, to: unknown): Promise<string[]>;
	generateSQLiteDrizzleJson?(exports: object, previous?: string, casing?: string): Promise<unknown>;
	generateSQLiteMigration?(from: unknown, to: unknown): Promise<string[]>;
}

const [kitPath = '', schemaPath = '', casing] = process.argv.slice(2);
const kit = (await import(pathToFileURL(kitPath).href)) as Kit;
const exports = {...((await import(pathToFileURL(schemaPath).href)) as object)};
const snapshot = async (from: object): Promise<unknown> =>
	kit.generateSQLiteDrizzleJson?.(from, undefined, casing) ?? kit.generateDrizzleJson?.(from);
const migration = kit.generateSQLiteMigration ?? kit.generateMigration;
console.log(JSON.stringify(await migration?.(await snapshot({}), await snapshot(exports))));
