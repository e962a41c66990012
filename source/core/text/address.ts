import {flag} from './shell.ts';

/** The project and database that a command line names. */
export interface Addressee {
	readonly config?: string | undefined;
	readonly db?: string | undefined;
	/** All names and patterns, for a command on several databases. */
	readonly databases?: readonly string[] | undefined;
	/** A list of databases. */
	readonly dbList?: string | undefined;
}

/** Returns the flags that name them, to be appended to a command: ` --config a.toml --db b.db`. Empty if neither is named. */
export function addressOf({config, db, databases = db === undefined ? [] : [db], dbList}: Addressee): string {
	return [
		...(config === undefined ? [] : [flag('--config', config)]),
		...databases.map((one) => flag('--db', one)),
		...(dbList === undefined ? [] : [flag('--db-list', dbList)]),
	]
		.map((one) => ` ${one}`)
		.join('');
}

/**
 * Adds the flags of `addressOf` to every lite-migr command in a text that does not name a project or database itself. A suggested next step then refers to the current database, and not to the
 * one that a command without flags would find.
 */
export function addressed(text: string, address: string): string {
	if (address === '') return text;
	return text.replace(
		/\blite-migr (?:baseline|check|create|diff|downgrade|pull|restore|squash|status|upgrade)\b(?! --(?:config|db|db-list)\b)/g,
		(command) => command + address,
	);
}
