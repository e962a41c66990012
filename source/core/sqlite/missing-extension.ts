import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {isError} from '../text/thrown.ts';

/**
 * Returns the missing module, collation, tokenizer or function that an SQLite message names, such as `collation unicase` or `module vec0`. An extension
 * or the program that uses the database provides it. Returns undefined for every other message.
 */
export function missingExtension(message: string): string | undefined {
	const [, missing, name] =
		/^(?:error in \w+ .+: )?(?:no such|unknown) (module|collation|tokenizer|function)(?: sequence)?: (.+?)(?:\(\))?$/s.exec(message) ?? [];
	return missing === undefined || name === undefined ? undefined : `${missing} ${clean(name)}`;
}

/** Returns a hint for users whose database needs an extension. */
export function missingExtensionHint(missing: string): string {
	return `add the objects that need it to ignore in migrate.toml: ${missing} comes from another program or an extension, which lite-migr does not load`;
}

/** Returns a hint for a migration that needs an extension: only a connection that has it can apply the migration. */
export function providerHint(missing: string): string {
	return `${missingExtensionHint(missing)}\nor apply the migration in that program, on its own connection: apply({database: connection, migrations})`;
}

/** Returns a hint for a migration that needs an extension to check objects which may be ignored already. */
export function programHint(missing: string): string {
	return `apply the migration in the program that provides ${missing}, on its own connection: apply({database: connection, migrations})`;
}

/** Returns a hint for rows that can only be checked with an extension. */
export function uncheckedHint(missing: string): string {
	return `only the program that provides ${missing} can check the rows: write the change into a new migration (lite-migr create NAME --empty), and apply it there with apply({database: connection, migrations})`;
}

/**
 * Explains an error about a missing collation. Without it, SQLite cannot prepare any statement about a table that has an index with that collation.
 * Returns undefined for every other error.
 */
export function missingCollation(error: unknown): MigrError | undefined {
	const missing = isError(error) ? missingExtension(error.message) : undefined;
	if (missing?.startsWith('collation ') !== true) return undefined;
	return new MigrError('database', (error as Error).message, {hint: missingExtensionHint(missing), cause: error});
}
