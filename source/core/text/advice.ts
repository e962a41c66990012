/**
 * What to do next, if it names an option or a command. The command line and programs that use the library spell these differently: `--wait SECONDS` and
 * `the option wait`.
 */
export interface Advice {
	/** For users of the command line. */
	readonly command: string;
	/** For programs. */
	readonly program: string;
}

/** Joins text and options into advice: advice`set a longer timeout with ${theOption.wait}`. */
export function advice(texts: TemplateStringsArray, ...parts: readonly (string | Advice)[]): Advice {
	const spelled = (which: keyof Advice): string => texts.map((text, index) => `${text}${spell(parts[index] ?? '', which)}`).join('');
	return {command: spelled('command'), program: spelled('program')};
}

/** Joins several pieces of advice, one per line. */
export function adviceLines(lines: readonly (string | Advice)[]): Advice {
	const spelled = (which: keyof Advice): string => lines.map((line) => spell(line, which)).join('\n');
	return {command: spelled('command'), program: spelled('program')};
}

function spell(text: string | Advice, which: keyof Advice): string {
	return typeof text === 'string' ? text : text[which];
}

/** The options that hints name. */
export const theOption = {
	database: {command: 'db_path in migrate.toml (or --db)', program: 'the path of the database'},
	migrationsDir: {command: 'migrations_dir in migrate.toml', program: 'the folder of the migrations'},
	backupDir: {command: 'backup_dir in migrate.toml', program: 'the option backupDir'},
	wait: {command: '--wait SECONDS', program: 'the option wait, in seconds'},
	noBackup: {command: '--no-backup', program: "backup: 'never'"},
} as const satisfies Readonly<Record<string, Advice>>;
