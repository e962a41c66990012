/** A public project whose schema is adopted. Its definitions are read from a clone of its repository: they are not part of this repository. */
export interface PublicProject {
	readonly name: string;
	/** `owner/name` on GitHub. */
	readonly repository: string;
	readonly commit: string;
	readonly license: string;
	readonly definitions: Definitions;
	/** A collating sequence that the program registers. */
	readonly collation?: string;
	/** Functions that the program registers, and its migrations call. They return NULL here. */
	readonly functions?: readonly string[];
}

export type Definitions = SqlFiles | RoomSchema | QuotedSql | XmlSql | MigrationFolder;

/** Files in plain SQL, executed in this order. A `*` in the last part of a path matches any characters. */
export interface SqlFiles {
	readonly kind: 'sql';
	readonly files: readonly string[];
	/** The text of a file ends before the first match. */
	readonly until?: RegExp;
	/** Replaced before a file is executed, as the program does. */
	readonly replace?: readonly (readonly [RegExp, string])[];
	/** Omits INSERT, UPDATE and other statements that fill tables: the files are large, or call functions of the program. */
	readonly onlyDefinitions?: true;
}

/** The schema that the library Room exports for a version of an Android app. */
export interface RoomSchema {
	readonly kind: 'room';
	readonly file: string;
}

/** CREATE statements in string literals of source code, between two of these characters. */
export interface QuotedSql {
	readonly kind: 'quoted';
	readonly files: readonly string[];
	readonly quote: RegExp;
	readonly until?: RegExp;
	readonly replace?: readonly (readonly [RegExp, string])[];
}

/** CREATE statements in the text of XML elements. */
export interface XmlSql {
	readonly kind: 'xml';
	readonly file: string;
	/** Only the text between these two texts. */
	readonly between: readonly [string, string];
}

/** The migrations folder of a tool whose history `baseline --from` imports. */
export interface MigrationFolder {
	readonly kind: 'migrations';
	readonly tool: MigrationTool;
	readonly folder: string;
	/** Set if the project configures the tool so that its migrations begin and commit their own transactions. */
	readonly transactions?: 'own';
}

export type MigrationTool = 'diesel' | 'drizzle' | 'dbmate' | 'golang-migrate' | 'goose' | 'prisma' | 'sqlx' | 'wrangler';
