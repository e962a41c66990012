import {identifier, quoted} from '../schema/identifiers.ts';
import {findColumn, findTable, triggersOf} from '../schema/lookup.ts';
import type {Table, Trigger} from '../schema/schema.ts';
import {requireActions} from './enforceable.ts';
import {compare, type Guard, record} from './guard.ts';
import {type ActionKind, type Child, changesChild, missingSearchIndex} from './references.ts';
import type {ScriptContext} from './script-context.ts';

/**
 * How to read this file: if foreign keys are on, SQLite deletes or changes rows of child tables when rows of their parent are removed, including by DROP TABLE
 * (https://www.sqlite.org/foreignkeys.html#fk_actions). A shield is a BEFORE trigger on the child with RAISE(IGNORE), which makes SQLite skip these
 * changes (https://www.sqlite.org/lang_createtrigger.html#raise). With foreign keys off, no shield ever fires.
 */
export interface Shields {
	/** Statements before the parent's rows are removed or changed. */
	readonly open: readonly string[];
	/** Statements right after that. They remove everything that `open` created, and compare. */
	readonly close: readonly string[];
	/**
	 * Triggers of the children that could fire before a shield does, because SQLite does not define their order. They must be dropped before `open` and
	 * recreated when all tables have their names again. Contains all triggers of a child, so their order stays the same.
	 */
	readonly suspended: readonly Trigger[];
}

const noShields: Shields = {open: [], close: [], suspended: []};

/** Returns the shields of the children of a table, against the actions that removing (`onDelete`) or changing (`onUpdate`) its rows has. */
export function shieldsFor(children: readonly Child[], kinds: readonly ActionKind[], context: ScriptContext): Shields {
	return children.map((child) => shieldOf(child, kinds, context)).reduce(joined, noShields);
}

function joined(a: Shields, b: Shields): Shields {
	return {open: [...a.open, ...b.open], close: [...a.close, ...b.close], suspended: [...a.suspended, ...b.suspended]};
}

function shieldOf({table, keys}: Child, kinds: readonly ActionKind[], context: ScriptContext): Shields {
	const {guards} = context;
	requireActions({table, keys}, kinds, context);
	const search = searchIndexes({table, keys}, context);
	const made = shieldTriggers({table, keys}, kinds, context);
	if (made.open.length === 0) return {...noShields, ...search};
	const counted = guardsOf({table, keys}, kinds);
	return {
		open: [...counted.map((guard) => record(guards, guard)), ...search.open, ...made.open],
		close: [...made.close, ...search.close, ...counted.map((guard) => compare(guards, guard))],
		suspended: suspendedTriggers({table, keys}, kinds, context),
	};
}

/** Returns the shield triggers of a child: one against the deletion of its rows, and one against changes of its columns. */
export function shieldTriggers({table, keys}: Child, kinds: readonly ActionKind[], {names}: ScriptContext): Pick<Shields, 'open' | 'close'> {
	const changed = changedColumns(keys, kinds);
	const made = [
		...(deletes(keys, kinds) ? [{name: names.next('keep'), event: 'DELETE'}] : []),
		...(changed.length > 0 ? [{name: names.next('keep'), event: `UPDATE OF ${changed.map(quoted).join(', ')}`}] : []),
	];
	return {
		open: made.map(({name, event}) => `CREATE TRIGGER ${name} BEFORE ${event} ON ${identifier(table.name)} BEGIN SELECT RAISE(IGNORE); END`),
		close: made.map(({name}) => `DROP TRIGGER ${name}`),
	};
}

function deletes(keys: Child['keys'], kinds: readonly ActionKind[]): boolean {
	return kinds.includes('onDelete') && keys.some(({onDelete}) => onDelete === 'CASCADE');
}

function changedColumns(keys: Child['keys'], kinds: readonly ActionKind[]): readonly string[] {
	return [...new Set(keys.flatMap((key) => (kinds.some((kind) => changesChild(key, kind)) ? key.columns : [])))];
}

/** Returns the statements around a search for children without an index, which would read the child once for each row of the parent. */
export function searchIndexes({table, keys}: Child, {schema, names}: ScriptContext): Pick<Shields, 'open' | 'close'> {
	const missing = new Set(keys.flatMap((key) => missingSearchIndex(schema, table, key, findTable(schema, key.parent))?.join(', ') ?? []));
	const indexes = [...missing].map((columns) => ({name: names.next('find'), columns}));
	return {
		open: indexes.map(({name, columns}) => `CREATE INDEX ${name} ON ${identifier(table.name)} (${columns})`),
		close: indexes.map(({name}) => `DROP INDEX ${name}`),
	};
}

function suspendedTriggers({table, keys}: Child, kinds: readonly ActionKind[], {schema}: ScriptContext): readonly Trigger[] {
	const all = triggersOf(schema, table);
	const events = [...(deletes(keys, kinds) ? ['DELETE'] : []), ...(changedColumns(keys, kinds).length > 0 ? ['UPDATE'] : [])];
	return all.some(({timing, event}) => timing === 'BEFORE' && events.includes(event)) ? all : [];
}

function guardsOf({table, keys}: Child, kinds: readonly ActionKind[]): readonly Guard[] {
	const from = `FROM ${quoted(table.name)}`;
	const values = changedValues({table, keys}, kinds);
	return [
		...(deletes(keys, kinds) ? [{what: `rows of ${table.name}`, count: `SELECT count(*) ${from}`}] : []),
		...(values === undefined ? [] : [{what: `foreign keys of ${table.name}`, count: `SELECT ${values} ${from}`, isChecksum: true as const}]),
	];
}

/** Returns an expression whose value over all rows differs after an action has changed one of them. Undefined if no action changes a row. */
export function changedValues({table, keys}: Child, kinds: readonly ActionKind[]): string | undefined {
	const values = changedColumns(keys, kinds).map(
		(name) => `total(${quoted(name)}) || ' ' || total(${differsFromDefault(table, name)}) || ' ' || total(length(quote(${quoted(name)})))`,
	);
	return values.length === 0 ? undefined : values.join(` || ' ' || `);
}

/** Returns a condition whose number of true rows falls if SET NULL or SET DEFAULT changes one. */
function differsFromDefault(table: Table, name: string): string {
	const value = findColumn(table, name)?.default?.text;
	return `${quoted(name)} IS NOT NULL${value === undefined ? '' : ` AND ${quoted(name)} IS NOT (${value})`}`;
}

/** Returns the statements that drop triggers for a while. */
export function dropTriggers(triggers: readonly Pick<Trigger, 'name'>[]): readonly string[] {
	return triggers.map(({name}) => `DROP TRIGGER ${identifier(name)}`);
}
