import {flag} from './shell.ts';

/** Which project and database a command line names. */
export interface Addressee {
	readonly config?: string | undefined;
	readonly db?: string | undefined;
}

/** The flags that name them, as they stand behind a command: ` --config a.toml --db b.db`. Empty where neither is named. */
export function addressOf({config, db}: Addressee): string {
	return [...(config === undefined ? [] : [flag('--config', config)]), ...(db === undefined ? [] : [flag('--db', db)])]
		.map((one) => ` ${one}`)
		.join('');
}

/**
 * Text in which every command of ours that it names has the flags of `addressOf`: what is told as the next step, or as the way back, is about the
 * database that was worked on, and not about the one that a command line without flags would find.
 */
export function addressed(text: string, address: string): string {
	if (address === '') return text;
	return text.replace(/\blite-migr (?:baseline|check|create|diff|downgrade|pull|restore|squash|status|upgrade)\b/g, (command) => command + address);
}
