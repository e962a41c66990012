import type {Operation, OperationOrigin} from '../../operations/operation.ts';
import {type TableNames, type TrackedTable, without} from '../../operations/table-names.ts';
import {touchedBy} from '../../operations/touched-by.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';

/** How statements and code of a migration wrote one table. */
export interface Written {
	/** True if rows were only added. */
	readonly isAppend: boolean;
	/** True if only plain UPDATE statements wrote it, so no row was added or removed. */
	readonly isUpdate: boolean;
	/** Rows that were added, if rows were only added. */
	readonly rowsAdded: number;
	/** Statements that wrote it, at most three, in the order they ran. */
	readonly by: readonly WritingStatement[];
}

export interface WritingStatement {
	readonly migration: string;
	readonly sql: string;
	readonly origin: OperationOrigin | undefined;
}

/**
 * How to read this file: the record of one run: first the part that reads it, then the part that writes it. `statement-watch.ts` records what
 * statements write, `schema-change.ts` what they do to tables and columns, and the run itself which step comes next (`beforeStep`). Operations that
 * lite-migr carries out itself only move names (`afterStep`): their effects on rows are known from the plan.
 */
export class WriteRecord {
	readonly names: TableNames;
	/** Every table that existed at the start. */
	readonly start: readonly TrackedTable[];
	readonly #written = new Map<TrackedTable, Written>();
	readonly #droppedTables = new Map<TrackedTable, WritingStatement>();
	readonly #droppedColumns = new Map<TrackedTable, Set<string>>();
	readonly #copied = new Set<TrackedTable>();
	readonly #losers = new Map<string, Set<TrackedTable>>();
	readonly #touched = new Set<TrackedTable>();
	readonly #changed = new Map<TrackedTable, string>();
	readonly #newlyChanged: TrackedTable[] = [];
	readonly #done = new WeakSet<Operation>();
	#current: {readonly migration: string; readonly origin: OperationOrigin | undefined} = {migration: '', origin: undefined};
	#hasStatements = false;
	#isUnknown = false;

	constructor(names: TableNames) {
		this.names = names;
		this.start = names.all();
	}

	/** Tables that statements wrote, including virtual ones. */
	get written(): ReadonlyMap<TrackedTable, Written> {
		return this.#written;
	}

	/** Tables that statements dropped, with the statement. */
	get droppedTables(): ReadonlyMap<TrackedTable, WritingStatement> {
		return this.#droppedTables;
	}

	/** Columns that statements dropped, by their names at the start. */
	get droppedColumns(): ReadonlyMap<TrackedTable, ReadonlySet<string>> {
		return this.#droppedColumns;
	}

	/** Tables that an operation copied after a statement of the same run, so preflight could not know their rows. */
	get copiedAfterStatements(): ReadonlySet<TrackedTable> {
		return this.#copied;
	}

	/** Tables that an operation dropped after a statement of the same run, which may have copied their rows. */
	get droppedAfterStatements(): ReadonlySet<TrackedTable> {
		return new Set(this.#hasStatements ? this.start.filter(({isDropped}) => isDropped) : []);
	}

	/** True if statements or code have run. */
	get hasStatements(): boolean {
		return this.#hasStatements;
	}

	/** Tables whose rows may have changed, by statements or by operations: their foreign keys are checked at the end. */
	get touched(): ReadonlySet<TrackedTable> {
		return this.#touched;
	}

	/**
	 * Tables with any change of rows, columns or names, and the last migration that changed them. The findings of preflight about their rows are no
	 * longer valid.
	 */
	get changed(): ReadonlyMap<TrackedTable, string> {
		return this.#changed;
	}

	/** True if something may have been written that is unknown: code in a replay, or a statement that could not be compiled there. */
	get isUnknown(): boolean {
		return this.#isUnknown;
	}

	/** Tables that statements of a migration may remove rows from, or drop. */
	losersOf(migration: string): ReadonlySet<TrackedTable> {
		return this.#losers.get(migration) ?? new Set();
	}

	/** Sets the step that is executed from now on. */
	beforeStep(migration: string, step: Step): void {
		const origin = step.kind === 'execute' || step.kind === 'run' ? step.operation.origin : undefined;
		this.#current = {migration, origin};
		if (step.kind === 'execute' || step.kind === 'run') this.#hasStatements = true;
	}

	/** Updates the names after a step that lite-migr planned. `operations` are those of the whole plan. */
	afterStep(step: Step, operations: readonly Operation[]): void {
		if (step.kind === 'execute' || step.kind === 'run') return;
		const before = step.table === undefined ? undefined : this.names.find(step.table);
		if (step.strategy === 'rewrite' || step.strategy === 'drop') this.#touch(before);
		if (step.kind === 'rewrite') {
			this.names.rewritten(step.table);
			if (this.#hasStatements && before !== undefined) this.#copied.add(before);
		}
		for (const index of step.operations) {
			const operation = operations[index];
			if (operation === undefined || this.#done.has(operation)) continue;
			this.#done.add(operation);
			for (const name of touchedBy(operation)) this.change(this.names.find(name));
			this.names.advance(operation);
		}
	}

	/** For a replay, which does not run code: it may write anything. */
	assumeAnything(): void {
		this.#isUnknown = true;
	}

	/** True if another statement that writes this table would not change the record. */
	isFullyKnown(table: TrackedTable, isUpdate: boolean): boolean {
		const known = this.#written.get(table);
		return known !== undefined && !known.isAppend && (known.isUpdate === false || isUpdate) && known.by.length >= maxStatements;
	}

	/** Records that a statement wrote a table. */
	write(table: TrackedTable, now: Omit<Written, 'by'>, sql: string): void {
		const known = this.#written.get(table);
		const by = known?.by ?? [];
		const isKnown = by.some((one) => one.sql === sql && one.origin === this.#current.origin);
		this.#touch(table);
		this.#written.set(table, {
			isAppend: now.isAppend && known?.isAppend !== false,
			isUpdate: now.isUpdate && known?.isUpdate !== false,
			rowsAdded: now.rowsAdded + (known?.rowsAdded ?? 0),
			by: isKnown || by.length >= maxStatements ? by : [...by, {...this.#current, sql}],
		});
	}

	#touch(table: TrackedTable | undefined): void {
		if (table === undefined) return;
		this.#touched.add(table);
		this.change(table);
	}

	/** Records any change of a table, including its names. */
	change(table: TrackedTable | undefined): void {
		if (table === undefined) return;
		if (!this.#changed.has(table)) this.#newlyChanged.push(table);
		this.#changed.set(table, this.#current.migration);
	}

	/** Returns the tables that were changed for the first time since the last call. */
	takeChanged(): readonly TrackedTable[] {
		return this.#newlyChanged.splice(0);
	}

	/** Records that a statement may remove rows of a table, or drop it. */
	mayLose(table: TrackedTable): void {
		const {migration} = this.#current;
		this.#losers.set(migration, new Set([...(this.#losers.get(migration) ?? []), table]));
	}

	add({name, isVirtual}: {readonly name: string; readonly isVirtual: boolean}): void {
		this.names.add(name, isVirtual);
		this.#touch(this.names.find(name));
	}

	drop(name: string): void {
		const table = this.names.find(name);
		if (table === undefined) return;
		this.#droppedTables.set(table, {...this.#current, sql: `DROP TABLE ${name}`});
		this.#touch(table);
		this.mayLose(table);
		this.names.drop(name);
	}

	dropColumn(tableName: string, column: string): void {
		const table = this.names.find(tableName);
		const origin = table?.columns.get(nameKey(column))?.origin;
		if (table !== undefined && origin !== undefined) {
			this.mayLose(table);
			this.#droppedColumns.set(table, new Set([...(this.#droppedColumns.get(table) ?? []), origin]));
		}
		this.names.changeColumns(tableName, (columns) => without(columns, column));
	}
}

const maxStatements = 3;
