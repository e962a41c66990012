import type {Source} from '../../schema/schema.ts';

/**
 * How a loader knows a model, whichever copy of lite-migr made it: by this symbol, never by `instanceof`.
 * What stands behind it is plain and renders itself to SQL, so that a project's own older or newer lite-migr can make models for the one that runs.
 */
export const modelSymbol: unique symbol = Symbol.for('lite-migr.model');

export interface Model {
	/** Raised when the shape below changes; a loader refuses what is newer than itself. */
	readonly protocol: 1;
	readonly kind: 'table' | 'view' | 'trigger' | 'virtualTable' | 'part';
	readonly name: string;
	/** Where it was written, as a path or a file URL. */
	readonly source: Source | undefined;
	/**
	 * The CREATE statements: the object itself first, then its indexes.
	 * Throws `MigrError('model')` for what cannot be said in SQL. A `part` (an index or a constraint outside of a table) has none.
	 */
	statements(): readonly ModelStatement[];
}

export interface ModelStatement {
	readonly sql: string;
	/** Best worked out when it is asked for: in a large module V8 takes a tenth of a millisecond to find a line. */
	readonly source: Source | undefined;
	readonly renamedFrom?: string;
	/** By column name, for a table. */
	readonly columns?: Readonly<Record<string, ModelColumn>>;
}

export interface ModelColumn {
	readonly source: Source | undefined;
	readonly renamedFrom?: string;
}

/** What carries a model. */
export interface HasModel {
	readonly [modelSymbol]: Model;
}

/** The model behind an export of a user's module, if it is one. */
export function modelOf(value: unknown): Model | undefined {
	if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
	let model: unknown;
	try {
		model = (value as Partial<HasModel>)[modelSymbol];
	} catch {
		// A proxy of the user's, a database client for one, may refuse to be asked.
		return undefined;
	}
	const isModel = typeof model === 'object' && model !== null && 'protocol' in model && typeof model.protocol === 'number';
	return isModel ? (model as Model) : undefined;
}

/** A statement whose source is worked out when it is asked for. */
export function statementAt(site: () => Source | undefined, statement: Omit<ModelStatement, 'source'>): ModelStatement {
	return {
		...statement,
		get source() {
			return site();
		},
	};
}
