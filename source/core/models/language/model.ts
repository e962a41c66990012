import type {Source, Table} from '../../schema/schema.ts';

/**
 * Identifies a model, from any copy of lite-migr. Loaders check this symbol, never `instanceof`. The value is a plain object that renders itself to
 * SQL, so a project's models can use an older or newer lite-migr than the one that runs.
 */
export const modelSymbol: unique symbol = Symbol.for('lite-migr.model');

/** A model of the table language, as a loader reads it. */
export interface Model {
	/** The version of this interface. A loader rejects models with a newer protocol than its own. */
	readonly protocol: 1;
	readonly kind: 'table' | 'view' | 'trigger' | 'virtualTable' | 'part';
	readonly name: string;
	/** Where the model is defined, as a path or a file URL. */
	readonly source: Source | undefined;
	/**
	 * Returns the CREATE statements: the object itself first, then its indexes. A `part` (an index or a constraint outside a table) has none.
	 *
	 * @throws MigrError `model` if the model cannot be written in SQL
	 */
	statements(): readonly ModelStatement[];
}

export interface ModelStatement {
	readonly sql: string;
	/** Best computed on demand: V8 takes a tenth of a millisecond to find a line in a large module. */
	readonly source: Source | undefined;
	readonly renamedFrom?: string | undefined;
	/** The columns of a table, by name. */
	readonly columns?: Readonly<Record<string, ModelColumn>>;
	/** Set for a table in a language that cannot state everything about it. */
	readonly writtenIn?: Table['writtenIn'];
}

export interface ModelColumn {
	readonly source: Source | undefined;
	readonly renamedFrom?: string | undefined;
	/** True if a Python annotation decides the type. */
	readonly hasInferredType?: true | undefined;
	/** True if the database has a default that the model does not state. */
	readonly hasUnstatedDefault?: true | undefined;
}

/** An object that has a model. */
export interface HasModel {
	readonly [modelSymbol]: Model;
}

/** Returns the model of an export of a user module. Undefined if the export has none. */
export function modelOf(value: unknown): Model | undefined {
	if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
	let model: unknown;
	try {
		model = (value as Partial<HasModel>)[modelSymbol];
	} catch {
		// A user's proxy, such as a database client, may throw when it is inspected.
		return undefined;
	}
	const isModel = typeof model === 'object' && model !== null && 'protocol' in model && typeof model.protocol === 'number';
	return isModel ? (model as Model) : undefined;
}

/** Returns a statement whose source is computed on demand. */
export function statementAt(site: () => Source | undefined, statement: Omit<ModelStatement, 'source'>): ModelStatement {
	return {
		...statement,
		get source() {
			return site();
		},
	};
}
