import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';

/**
 * What SQLite lacks, by its message, because only the program that uses the database has it, or an extension: `collation unicase`, `module vec0`.
 * Undefined for every other message.
 */
export function missingExtension(message: string): string | undefined {
	const [, missing, name] =
		/^(?:error in \w+ .+: )?(?:no such|unknown) (module|collation|tokenizer|function)(?: sequence)?: (.+)$/s.exec(message) ?? [];
	return missing === undefined || name === undefined ? undefined : `${missing} ${clean(name)}`;
}

/** What to do about it. */
export function missingExtensionHint(missing: string): string {
	return `${missing} comes from another program or an extension, which lite-migr does not load: leave what needs it to that program, and name it in ignore of migrate.toml`;
}

/**
 * Without a collation SQLite prepares no statement at all about a table that has an index in it: nothing of ours is wrong, and nothing can be done.
 * Undefined for every other error.
 */
export function missingCollation(error: unknown): MigrError | undefined {
	const missing = error instanceof Error ? missingExtension(error.message) : undefined;
	if (missing?.startsWith('collation ') !== true) return undefined;
	return new MigrError('database', (error as Error).message, {hint: missingExtensionHint(missing), cause: error});
}
