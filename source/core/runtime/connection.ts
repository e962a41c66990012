import {isError} from '../text/thrown.ts';
/** A connection of the program to its database, through any driver. The functions in `adapters/` create it. */
export interface Connection {
	/** The name of the driver, for messages. */
	readonly name: string;
	readonly features: ConnectionFeatures;
	/** Returns the rows of a query, as objects. */
	query(sql: string): readonly Row[] | Promise<readonly Row[]>;
	/**
	 * Runs statements in one transaction, all or nothing.
	 *
	 * @throws BatchFailure, or the error of the driver, if one of them fails
	 */
	batch(statements: readonly string[], needs: {readonly foreignKeysOff: boolean}): void | Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

export interface ConnectionFeatures {
	/** Foreign keys can be switched off for a batch, unless a transaction is open. */
	readonly foreignKeysOff: boolean;
	readonly legacyAlterTable: boolean;
	/** The largest statement in bytes. */
	readonly statementBytes: number;
	/** The most columns of a table. */
	readonly columns: number;
	/** Set if the database is on a server, whose answer can be lost. */
	readonly isRemote?: true;
}

/** SQLite with its default limits, in the same process. */
export const localFeatures: ConnectionFeatures = {foreignKeysOff: true, legacyAlterTable: true, statementBytes: 1_000_000_000, columns: 2000};

/** https://developers.cloudflare.com/d1/platform/limits/ */
export const cloudflareFeatures: ConnectionFeatures = {foreignKeysOff: false, legacyAlterTable: true, statementBytes: 100_000, columns: 100};

/** A statement of a batch failed, and the driver knows which one. */
export class BatchFailure extends Error {
	override readonly name = 'BatchFailure';
	/** The position of the statement in the batch. */
	readonly statement: number;

	constructor(cause: unknown, statement: number) {
		super(messageOf(cause), {cause});
		this.statement = statement;
	}
}

/** Returns the text of anything that was thrown, with the texts of its causes. */
export function messageOf(error: unknown): string {
	if (!isError(error)) return String(error);
	const cause = error.cause === undefined ? '' : messageOf(error.cause);
	return cause === '' || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
