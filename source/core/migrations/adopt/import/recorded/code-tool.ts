import type {ModuleExports} from '../../../../modules/import-modules.ts';
import type {Schema, Table} from '../../../../schema/schema.ts';
import type {BindingDriver} from './bound-value.ts';
import type {Settle, ToolConnection} from './recorder.ts';

export type Direction = 'up' | 'down';

/** A tool whose migrations are code. The project's own copy of the tool runs them. */
export interface CodeTool {
	readonly tool: 'Knex' | 'Kysely';
	/** The command that applies pending migrations, for hints. */
	readonly latest: string;
	/** The name of the package. */
	readonly package: string;
	/** True if the text of a migration belongs to this tool. */
	owns(text: string): boolean;
	/** True for the tool's migration table. Its name can be configured, so the columns decide. */
	isHistory(table: Table, schema: Schema): boolean;
	/** The usual name of that table. */
	readonly historyTable: string;
	/** The expressions that sort its rows in the order the migrations were applied. */
	readonly orderBy: string;
	/** Compares the names of two files, without extension, as the tool does. */
	readonly order: (a: string, b: string) => number;
	readonly settle: Settle;
	/** Runs one direction of a migration on a connection. `from` is the folder of the migrations. */
	run(migration: ModuleExports, direction: Direction, connection: ToolConnection, context: ToolContext): Promise<void>;
}

export interface ToolContext {
	/** The exports of the tool's package. */
	readonly package: unknown;
	/** Loads another file of the package. */
	readonly require: NodeJS.Require;
	readonly driver: BindingDriver;
}
