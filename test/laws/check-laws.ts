import {hasSubquery} from '../../source/core/ddl/subqueries.ts';
import {diff} from '../../source/core/diff/diff.ts';
import {noDecisions} from '../../source/core/diff/question.ts';
import {advanceAll} from '../../source/core/operations/advance.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {reverseAll} from '../../source/core/operations/reverse.ts';
import {type Plan, plan} from '../../source/core/plan/plan.ts';
import {statementsOf} from '../../source/core/plan/statements.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {nameKey, quoted} from '../../source/core/schema/identifiers.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {annotatedDiff} from './check-annotations.ts';
import {unreported} from './check-reported.ts';
import {type Expectation, expectations, readRows} from './contents.ts';
import {buildDatabase, execute, executeSpelled, schemaOfSql, sqlOfModel} from './database.ts';
import {fixFor, isValueHazard, rowsFound} from './fix.ts';
import type {Case} from './generate/case.ts';
import {columnOf, type Model, type ModelColumn, type ModelTable, tableOf} from './generate/model.ts';
import {allStatements, statementsOfModel} from './generate/render.ts';
import {respelled} from './spelling.ts';

/** Creates an error for a law that does not hold, with all facts that explain it. */
export function broken(law: string, facts: Readonly<Record<string, unknown>>): Error {
	const lines = Object.entries(facts).map(([name, fact]) => `--- ${name}\n${typeof fact === 'string' ? fact : JSON.stringify(fact, undefined, 1)}`);
	return new Error(`${law}\n${lines.join('\n')}`);
}

/** Checks every law on one case. Throws if one does not hold. */
export async function checkLaws(one: Case): Promise<void> {
	const texts = {from: sqlOfModel(one.from), to: sqlOfModel(one.to), decisions: one.decisions};
	requireValid(one.to, texts);
	const to = schemaOfSql(texts.to);
	const db = buildDatabase(one);
	const from = introspect(db);

	checkNoDifference(from, one, texts);
	const {operations, questions} = diff(from, to, one.decisions);
	if (questions.length > 0) throw broken('a question is open, although every answer was given', {questions, ...texts});
	const advanced = advanceAll(from, operations);
	if (!sameSchema(advanced, to))
		throw broken('2: advancing by the diff does not give the target', {operations, rest: diff(advanced, to).operations, ...texts});

	checkAnnotations(from, to, one, operations, texts);

	const planned = plan(from, operations, {sqliteVersion: one.sqliteVersion});
	const facts = {...texts, operations, steps: stepsText(planned)};
	requireOneCopy(planned, one, facts);
	const fixes = await fixedUntilItFits(one, planned, facts);
	await checkUpgrade(one, {from, to, planned, fixes}, facts);
	await checkSpelledOut(one, {from, to, planned, fixes}, operations, facts);
	await checkDowngrade(one, {from, to, planned, fixes}, reverseAll(from, operations), facts);
	db.close();
}

export function stepsText({steps}: Plan): string {
	return steps
		.map(
			(step) =>
				`${step.kind} ${step.strategy} ${step.object}: ${step.summary} (${step.reason})\n${statementsOf(step)
					.map((sql) => `    ${sql}`)
					.join('\n')}`,
		)
		.join('\n');
}

function requireValid(to: Model, texts: object): void {
	const db = openInMemory();
	try {
		for (const sql of allStatements(statementsOfModel(to))) db.exec(sql);
	} catch (error) {
		throw broken(`the generator created a schema that SQLite refuses: ${error}`, {...texts});
	} finally {
		db.close();
	}
}

/** Checks law 1, including a schema with another spelling. */
function checkNoDifference(from: Schema, one: Case, texts: object): void {
	const statements = statementsOfModel(one.from);
	const spelled = {...statements, virtuals: [] as string[]};
	const other = [...allStatements(spelled).map((sql) => `${respelled(sql, one.spelling)};\n`), ...statements.virtuals.map((sql) => `${sql};\n`)].join(
		'',
	);
	for (const [name, to] of [
		['itself', from],
		['its own text', schemaOfSql(sqlOfModel(one.from))],
		['another spelling', schemaOfSql(other)],
	] as const) {
		const {operations, questions} = diff(from, to, noDecisions);
		if (operations.length + questions.length > 0) throw broken(`1: a schema differs from ${name}`, {operations, questions, other, ...texts});
	}
}

/** Checks that renames in the models give the same operations as renames in flags. */
function checkAnnotations(from: Schema, to: Schema, one: Case, operations: readonly Operation[], texts: object): void {
	const annotated = annotatedDiff(from, to, one);
	// The order of tables is irrelevant if they change independently.
	const inAnyOrder = (list: readonly Operation[]) =>
		list
			.map((operation) => JSON.stringify(operation))
			.toSorted()
			.join('\n');
	if (annotated !== undefined && inAnyOrder(annotated) !== inAnyOrder(operations))
		throw broken('annotations and flags give different operations', {annotated, operations, ...texts});
}

/** Checks law 6: no table is copied twice. The exception is two tables that exchange columns. */
function requireOneCopy(planned: Plan, {decisions}: Case, facts: object): void {
	const copies = planned.steps.filter(({strategy}) => strategy === 'rewrite').map(({object}) => nameKey(object));
	const most = decisions.fills.some(({expression}) => hasSubquery(expression)) ? 2 : 1;
	if (new Set(copies).size * most < copies.length || [...Map.groupBy(copies, (name) => name).values()].some((group) => group.length > most))
		throw broken('6: a table is copied twice', {...facts});
}

/**
 * Checks that the plan fails exactly if a hazard with `fails` finds rows. Then deletes these rows and repeats, until no hazard finds any.
 * Returns the statements that deleted the rows.
 */
export async function fixedUntilItFits(one: Case, planned: Plan, facts: object): Promise<readonly string[]> {
	const fixes: string[] = [];
	const hazards = planned.hazards.filter(isValueHazard).filter(({blocking}) => blocking);
	for (let round = 0; round < 20; round++) {
		const db = buildDatabase(one, fixes);
		const found = hazards.find((hazard) => {
			try {
				return rowsFound(db, hazard) > 0;
			} catch (error) {
				throw broken(`the SQL of a hazard fails: ${error}`, {hazard, ...facts});
			}
		});
		if (found === undefined) {
			db.close();
			return fixes;
		}
		const before = fingerprint(db);
		const error = await failure(db, planned, one.from, one.to);
		if (error === undefined) throw broken('a hazard finds rows, but the upgrade does not fail', {hazard: found, fixes, ...facts});
		const after = fingerprint(db);
		if (error !== undefined && after !== before) throw broken('a failed upgrade changes the database', {before, after, ...facts});
		db.close();
		fixes.push(fixFor(found));
	}
	throw broken('hazards still find rows after all rows they found were deleted', {fixes, ...facts});
}

/** Executes a plan and returns what stops it: an error of SQLite, or rows that have lost their parents. Undefined if it succeeds. */
async function failure(db: Database, {steps}: Plan, from: Model, to: Model): Promise<unknown> {
	const before = orphans(db, from);
	const check = () => {
		const added = newOrphans(before, orphans(db, to), from, to);
		if (added.length > 0) throw new Error(`rows have lost their parents: ${added.join(', ')}`);
	};
	return execute(db, steps, check).then(
		() => undefined,
		(reason: unknown) => reason ?? 'no reason',
	);
}

/** Returns everything in the database as text. */
export function fingerprint(db: Database): string {
	const schema = db.all('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid');
	const tables = introspect(db).tables.map(({name}) => [name, readRows(db, `SELECT * FROM ${quoted(name)}`)]);
	return JSON.stringify([schema, tables], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

export interface Upgrade {
	readonly from: Schema;
	readonly to: Schema;
	readonly planned: Plan;
	readonly fixes: readonly string[];
}

/** The state before a change, and the rows expected after it. */
export interface Memory {
	readonly rows: readonly Expectation[];
	readonly sequences: ReadonlyMap<number, unknown>;
	readonly orphans: Orphans;
}

export function remember(db: Database, one: Case, {from, to}: Upgrade): Memory {
	const fills = new Map<number, string>();
	for (const after of one.to.tables) {
		const before = tableOf(one.from, after.id);
		for (const {table, column, expression} of one.decisions.fills) {
			const filled = after.columns.find(({name}) => name === column);
			if (before?.name === table && filled !== undefined) fills.set(filled.id, expression);
		}
	}
	return {
		rows: expectations(db, {from: one.from, to: one.to, fromSchema: from, toSchema: to, fills}),
		sequences: sequences(db, one.from),
		orphans: orphans(db, one.from),
	};
}

function sequences(db: Database, model: Model): ReadonlyMap<number, unknown> {
	if (!model.tables.some(({key}) => key?.autoincrement === true)) return new Map();
	const marks = new Map(db.tuples('SELECT name, CAST(seq AS TEXT) FROM sqlite_sequence').map(([name, seq]) => [String(name), seq]));
	return new Map(model.tables.filter(({key}) => key?.autoincrement === true).map(({id, name}) => [id, marks.get(name)]));
}

/** The rowids of rows without a parent. The key is the numbers of the child and parent columns, because a reference can be defined twice. */
type Orphans = ReadonlyMap<string, {readonly table: number; readonly rowids: readonly string[]}>;

function orphans(db: Database, model: Model): Orphans {
	const found = new Map<string, {table: number; rowids: readonly string[]}>();
	const numberOf = (columns: readonly ModelColumn[], name: unknown) => columns.find((column) => nameKey(column.name) === nameKey(String(name)))?.id;
	for (const table of model.tables) {
		const violations = db.tuples('SELECT fkid, CAST(rowid AS TEXT) FROM pragma_foreign_key_check(?)', table.name);
		if (violations.length === 0) continue;
		const keys = db.tuples('SELECT id, "from", "table", "to" FROM pragma_foreign_key_list(?)', table.name);
		for (const [fkid, group] of Map.groupBy(violations, ([id]) => id)) {
			const parts = keys.filter(([id]) => id === fkid);
			const parent = model.tables.find(({name}) => nameKey(name) === nameKey(String(parts[0]?.[2])));
			const children = parts.map(([, name]) => numberOf(table.columns, name));
			const parents = parts.map(([, , , name], index) =>
				name === null ? parent?.key?.columns[index]?.column : numberOf(parent?.columns ?? [], name),
			);
			found.set(`${table.id} (${children}) → ${parent?.id} (${parents})`, {table: table.id, rowids: group.map(([, rowid]) => String(rowid))});
		}
	}
	return found;
}

/** Returns the references that rows have lost. If the key of a table changes, its rowids can change too, so only the number of rows is compared. */
function newOrphans(before: Orphans, after: Orphans, from: Model, to: Model): readonly string[] {
	const keepsRowids = (id: number) => {
		const [was, is] = [tableOf(from, id), tableOf(to, id)];
		if (was?.withoutRowid !== false || is?.withoutRowid !== false) return false;
		const alias = rowidColumn(is);
		return alias === undefined || alias === rowidColumn(was);
	};
	return [...after].flatMap(([key, {table, rowids}]) => {
		const old = before.get(key)?.rowids ?? [];
		const isNew = keepsRowids(table) ? rowids.some((rowid) => !old.includes(rowid)) : rowids.length > old.length;
		return isNew ? [key] : [];
	});
}

/** Returns the number of the column that is an alias of the rowid. */
function rowidColumn(table: ModelTable): number | undefined {
	const [only, another] = table.key?.columns ?? [];
	const isRowid = only !== undefined && another === undefined && columnOf(table, only.column)?.type.toUpperCase() === 'INTEGER';
	return isRowid && !(table.key?.isInline === true && only.descending === true) ? only.column : undefined;
}

/** True if a foreign key of the first schema refers to a rowid alias that the second schema lacks. The downgrade then assigns new rowids. */
function renumbersParents({from, to}: Case): boolean {
	return from.tables.some(({foreignKeys}) =>
		foreignKeys.some(({parent}) => {
			const [first, second] = [tableOf(from, parent), tableOf(to, parent)];
			const rowid = first === undefined ? undefined : rowidColumn(first);
			return rowid !== undefined && second !== undefined && columnOf(second, rowid) === undefined;
		}),
	);
}

async function checkUpgrade(one: Case, upgrade: Upgrade, facts: object): Promise<void> {
	const db = buildDatabase(one, upgrade.fixes);
	const memory = remember(db, one, upgrade);
	const misreported = unreported(db, one, upgrade.planned);
	if (misreported !== undefined) throw broken(`7: a conversion is reported wrongly: ${misreported}`, {fixes: upgrade.fixes, ...facts});
	const error = await failure(db, upgrade.planned, one.from, one.to);
	if (error !== undefined) throw broken(`3: the upgrade fails, although no hazard finds a row: ${error}`, {fixes: upgrade.fixes, ...facts});
	checkResult(db, one, upgrade, memory, facts);
	db.close();
}

/** Checks laws 3, 4 and 6. */
export function checkResult(db: Database, one: Case, {to}: Upgrade, memory: Memory, facts: object): void {
	const reached = introspect(db);
	if (!sameSchema(reached, to)) throw broken('3: the upgrade does not give the target', {rest: diff(reached, to).operations, ...facts});
	const rest = diff(reached, to, noDecisions);
	if (rest.operations.length + rest.questions.length > 0) throw broken('6: the diff is not empty after the upgrade', {rest, ...facts});
	checkRows(db, memory, facts);
	checkSequences(db, one, memory, facts);
	const integrity = complaints(db);
	if (integrity.length > 0) throw broken('4: the integrity check reports errors', {integrity, ...facts});
	const added = newOrphans(memory.orphans, orphans(db, one.to), one.from, one.to);
	if (added.length > 0) throw broken('4: rows have lost their parents', {added, ...facts});
	checkVirtuals(db, one, facts);
	if (db.value('PRAGMA foreign_keys') !== 1) throw broken('the upgrade turned foreign keys off', facts as Record<string, unknown>);
}

/** Checks that the rows are those that an upgrade gives. */
export function checkRows(db: Database, memory: Memory, facts: object): void {
	for (const {name, select, rows} of memory.rows) {
		const now = readRows(db, select);
		if (JSON.stringify(now) !== JSON.stringify(rows)) throw broken(`4: the rows of ${name} are wrong`, {select, expected: rows, now, ...facts});
	}
}

/**
 * Returns the errors of the integrity check, except false ones. In some tables with a virtual column, SQLite 3.54 reads the default of a column as the
 * value of its rows, and reports a type that no row has.
 */
function complaints(db: Database): readonly string[] {
	const found = db.tuples('PRAGMA integrity_check').map(([message]) => String(message));
	const isFalse = (message: string) =>
		introspect(db).tables.some(({name, columns}) =>
			columns.some((column) => {
				const wrong = wrongValue(message, `${name}.${column.name}`, quoted(column.name));
				return wrong !== undefined && db.value(`SELECT count(*) FROM ${quoted(name)} WHERE ${wrong}`) === 0;
			}),
		);
	return found.filter((message) => message !== 'ok' && !isFalse(message));
}

/** Returns an SQL condition for the values that a message is about. Undefined for a message about anything else. */
function wrongValue(message: string, place: string, value: string): string | undefined {
	const [, not, type = ''] = /^(non-)?([A-Z]+) value in /.exec(message) ?? [];
	if (message !== `${not ?? ''}${type} value in ${place}`) return undefined;
	if (not !== undefined) return `typeof(${value}) NOT IN ('${type === 'INT' ? 'integer' : type.toLowerCase()}', 'null')`;
	if (type === 'TEXT') return `typeof(${value}) = 'text' AND CAST(${value} AS NUMERIC) = ${value}`;
	return type === 'NUMERIC' ? `typeof(${value}) IN ('integer', 'real')` : undefined;
}

/** Checks that no id can be assigned twice. */
function checkSequences(db: Database, one: Case, {sequences: before}: Memory, facts: object): void {
	const after = sequences(db, one.to);
	for (const [id, mark] of before) {
		const kept = tableOf(one.to, id);
		if (kept?.key?.autoincrement !== true || mark === undefined) continue;
		if (after.get(id) !== mark && BigInt(String(after.get(id) ?? 0)) < BigInt(String(mark)))
			throw broken(`4: the AUTOINCREMENT counter of ${kept.name} fell from ${mark} to ${after.get(id)}`, {...facts});
	}
}

/** Checks that kept virtual tables have their rows, and that external-content indexes match their tables. */
function checkVirtuals(db: Database, one: Case, facts: object): void {
	for (const {id, name, module, content, rows} of one.to.virtuals) {
		const before = one.from.virtuals.find((virtual) => virtual.id === id);
		const isDropped = one.decisions.drops.some(({table}) => table === name);
		if (before === undefined || before.name !== name || before.module !== module || isDropped) continue;
		if (module.startsWith('fts5')) {
			const rank = content === undefined ? 0 : 1;
			try {
				db.exec(`INSERT INTO ${quoted(name)} (${quoted(name)}, rank) VALUES ('integrity-check', ${rank})`);
			} catch (error) {
				throw broken(`4: the full-text index ${name} does not fit its rows: ${error}`, {...facts});
			}
		}
		if (content === undefined && Number(db.value(`SELECT count(*) FROM ${quoted(name)}`)) !== rows.length)
			throw broken(`4: the virtual table ${name} has lost rows`, {...facts});
	}
}

/** Checks that printed SQL does the same as the execution, including plain SQL and the order of columns. */
async function checkSpelledOut(one: Case, upgrade: Upgrade, operations: readonly Operation[], facts: object): Promise<void> {
	const plain = plan(upgrade.from, operations, {sqliteVersion: one.sqliteVersion, portable: true});
	const [asExecuted, asPlain] = [upgrade.planned, plain].map((planned) => {
		const db = buildDatabase(one, upgrade.fixes);
		const memory = remember(db, one, upgrade);
		const facing = planned === plain ? {plainSteps: stepsText(plain), ...facts} : facts;
		try {
			executeSpelled(db, planned.steps.flatMap(statementsOf));
		} catch (error) {
			throw broken(`printed SQL fails: ${error}`, {fixes: upgrade.fixes, ...facing});
		}
		checkResult(db, one, upgrade, memory, facing);
		const order = introspect(db).tables.map(({name, columns}) => [name, ...columns.map((column) => column.name)].join());
		db.close();
		return order.toSorted().join('\n');
	});
	if (asExecuted !== asPlain) throw broken('plain SQL gives another order of columns', {asExecuted, asPlain, plainSteps: stepsText(plain), ...facts});
}

/** Checks law 5: the downgrade restores the schema, with and without rows. Values that neither direction changes must be unchanged. */
async function checkDowngrade(one: Case, upgrade: Upgrade, back: readonly Operation[], facts: object): Promise<void> {
	const {from, to, planned, fixes} = upgrade;
	const advanced = advanceAll(to, back);
	if (!sameSchema(advanced, from)) throw broken('5: the downgrade does not lead back', {back, rest: diff(advanced, from).operations, ...facts});
	for (const rows of [one.rows, new Map()]) {
		const db = buildDatabase({...one, rows}, rows.size === 0 ? [] : fixes);
		const before = untouched(db, one);
		await execute(db, planned.steps);
		const down = plan(introspect(db), back, {sqliteVersion: one.sqliteVersion});
		const facing = {back, downSteps: stepsText(down), ...facts};
		const found = down.hazards.filter(isValueHazard).filter((hazard) => hazard.blocking && rowsFound(db, hazard) > 0);
		const error = await failure(db, down, one.to, one.from);
		if (found.length > 0) {
			if (error === undefined) throw broken('5: a hazard of the downgrade finds rows, but it does not fail', {found, ...facing});
			continue;
		}
		// New rowids are unknown in advance. Rows that have lost their parents then stop the run.
		if (error !== undefined && renumbersParents(one)) continue;
		if (error !== undefined) throw broken(`5: the downgrade fails, although no hazard finds a row: ${error}`, facing);
		const reached = introspect(db);
		if (!sameSchema(reached, from)) throw broken('5: the downgrade does not restore the schema', {rest: diff(reached, from).operations, ...facing});
		const after = untouched(db, one);
		if (after !== before) throw broken('5: values have changed that neither direction changes', {before, after, ...facing});
		db.close();
	}
}

/** Returns the values of columns that a change keeps, regardless of renames. */
function untouched(db: Database, {from, to, decisions}: Case): string {
	return JSON.stringify(
		from.tables.flatMap((before) => {
			const after = tableOf(to, before.id);
			const same = before.columns.filter((column) => {
				const kept = after && columnOf(after, column.id);
				const isFilled = decisions.fills.some(({table, column: name}) => table === before.name && name === kept?.name);
				return kept !== undefined && column.generated === undefined && kept.generated === undefined && kept.type === column.type && !isFilled;
			});
			if (after === undefined || same.length === 0 || before.strict !== after.strict) return [];
			return [
				readRows(db, `SELECT ${same.map(({name}) => `typeof(${quoted(name)}) || quote(${quoted(name)})`).join(', ')} FROM ${quoted(before.name)}`),
			];
		}),
	);
}
