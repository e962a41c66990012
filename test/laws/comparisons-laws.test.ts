import fc from 'fast-check';
import {describe, test} from 'vitest';
import {diff} from '../../source/core/diff/diff.ts';
import {noDecisions} from '../../source/core/diff/question.ts';
import type {ValueHazard} from '../../source/core/operations/hazard.ts';
import {hazardsOf} from '../../source/core/operations/hazards.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {broken} from './check-laws.ts';
import {schemaOfSql} from './database.ts';
import {isValueHazard} from './fix.ts';
import {expressionOver} from './generate/expressions.ts';
import {lawSample} from './law-sample.ts';
import {isSame, readStored, type Stored, storedFrom} from './same-value.ts';

/**
 * SQLite compares a column with the affinity and the collation of its definition. If a migration changes them, rules over the column find other rows.
 * These laws compare the rows that hazards find with the rows that break the rules in the changed table.
 */
const sample = lawSample(400, 20261130);
const {numRuns: runs} = sample;

const types = ['INTEGER', 'TEXT', 'REAL', 'NUMERIC', 'BLOB', '', 'ANY'];
const strictTypes = ['INTEGER', 'TEXT', 'REAL', 'BLOB', 'ANY', 'INT'];
const collations = ['', '', 'COLLATE NOCASE', 'COLLATE RTRIM', 'COLLATE BINARY'];
const stored = [
	'1',
	'5',
	'-1',
	'0',
	'2.5',
	'5.0',
	"'1'",
	"'5'",
	"'05'",
	"'5.0'",
	"' 5'",
	"'5 '",
	"'a'",
	"'A'",
	"'a '",
	"'b'",
	"''",
	"x'61'",
	"x'35'",
	'NULL',
	"'1.0E+300'",
	"'0x5'",
];

const index = (max: number) => fc.nat({max: max - 1});
const columns = ['a', '"b c"', '"end"'];
const columnList = columns.join(', ');
const quotedList = columns.map((name) => `quote(${name})`).join(', ');

const table = fc.record({
	isStrict: fc.nat(4).map((number) => number === 4),
	types: fc.array(index(42), {minLength: 3, maxLength: 3}),
	collations: fc.array(index(collations.length), {minLength: 3, maxLength: 3}),
});
const change = fc.record({
	from: table,
	to: table,
	/** Columns that keep their type and collation. */
	kept: fc.array(fc.boolean(), {minLength: 3, maxLength: 3}),
	rows: fc.array(fc.array(index(stored.length), {minLength: 3, maxLength: 3}), {minLength: 2, maxLength: 7}),
	generated: fc.option(
		fc.record({
			expression: expressionOver(columns),
			type: index(42),
			collation: index(collations.length),
			isStored: fc.boolean(),
			isOld: fc.boolean(),
		}),
	),
	check: fc.option(expressionOver([...columns, 'g'])),
	isOldCheck: fc.boolean(),
	keys: fc.array(fc.tuple(expressionOver([...columns, 'g']), index(collations.length), fc.boolean()), {maxLength: 2}),
	where: fc.option(expressionOver([...columns, 'g'])),
	isOldIndex: fc.boolean(),
	/** True to change the types and collations first, and then the rules, in one migration. */
	inSteps: fc.boolean(),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
type TableDice = Change['from'];

function columnsOf({isStrict, types: picked, collations: picks}: TableDice): readonly string[] {
	const from = isStrict ? strictTypes : types;
	return columns.map((name, at) => `${name} ${from[(picked[at] ?? 0) % from.length]} ${collations[picks[at] ?? 0]}`);
}

interface Texts {
	readonly from: string;
	readonly to: string;
	/** The table with changed types and collations, before the rules change. */
	readonly between: string;
	/** The changed table without the rules. */
	readonly plain: string;
	readonly oldIndex: string | undefined;
	readonly index: string | undefined;
	readonly check: string | undefined;
}

function textsOf({from, to: other, kept, generated, check, isOldCheck, keys, where, isOldIndex}: Change): Texts {
	const keep = (of: (table: TableDice) => readonly number[]) =>
		kept.map((isKept, at) => (isKept && from.isStrict === other.isStrict ? of(from)[at] : of(other)[at]) as number);
	const to = {...other, types: keep(({types: picked}) => picked), collations: keep(({collations: picked}) => picked)};
	const computed = ({isStrict}: TableDice) => {
		const able = isStrict ? strictTypes : types;
		return generated === null
			? 'g'
			: `g ${able[generated.type % able.length]} ${collations[generated.collation]} AS (${generated.expression}) ${generated.isStored ? 'STORED' : 'VIRTUAL'}`;
	};
	const hasG = generated !== null;
	const isOld = hasG && generated.isOld;
	const uses = (text: string | null) => text !== null && (hasG || !/\bg\b/.test(text));
	const usedCheck = uses(check) ? (check as string) : undefined;
	const usedKeys = keys.filter(([text]) => uses(text));
	const usedWhere = uses(where) ? ` WHERE ${where}` : '';
	const list = usedKeys
		.map(([text, collation, isColumn]) => `${isColumn ? (columns[collation % 3] as string) : `(${text})`} ${collations[collation]}`)
		.join(', ');
	const indexSql = usedKeys.length === 0 ? undefined : `CREATE UNIQUE INDEX i ON t (${list})${usedWhere}`;
	const isOldPossible = (text: string | undefined) => text !== undefined && (isOld || !/\bg\b/.test(text));
	const create = (dice: TableDice, parts: readonly (string | undefined)[]) =>
		`CREATE TABLE t (${['id INTEGER PRIMARY KEY', ...columnsOf(dice), ...parts.filter((part) => part !== undefined)].join(', ')})${dice.isStrict ? ' STRICT' : ''}`;
	const checkSql = usedCheck === undefined ? undefined : `CHECK (${usedCheck})`;
	return {
		from: create(from, [isOld ? computed(from) : undefined, isOldCheck && isOldPossible(usedCheck) ? checkSql : undefined]),
		to: create(to, [hasG ? computed(to) : undefined, checkSql]),
		between: create(to, [isOld ? computed(to) : undefined]),
		plain: create(to, [hasG ? computed(to) : undefined]),
		oldIndex: isOldIndex && isOldPossible(indexSql) ? indexSql : undefined,
		index: indexSql,
		check: usedCheck,
	};
}

function unquoted(name: string): string {
	return name.replaceAll('"', '');
}

/** Returns the values of a column by id. */
function storedIn(db: Database, name: string): ReadonlyMap<number, Stored> {
	return new Map(db.tuples(`SELECT id, ${readStored(name)} FROM t ORDER BY id`).map(([id, ...parts]) => [Number(id), storedFrom(parts)]));
}

/** Runs a statement. Returns the message of the error if SQLite refuses it. */
function refusal(db: Database, sql: string): string | undefined {
	try {
		db.exec(sql);
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

function idsOf(db: Database, sql: string): readonly number[] {
	return db.tuples(sql).map(([id]) => Number(id));
}

/** Returns the groups of rows that are equal, each as a sorted list of ids. */
function groupsIn(db: Database, {distinct, where}: ValueHazard): readonly string[] {
	const present = [...distinct.map((expression) => `${expression} IS NOT NULL`), ...(where === '' ? [] : [`(${where})`])].join(' AND ');
	return db
		.tuples(`SELECT group_concat(id ORDER BY id) FROM t WHERE ${present} GROUP BY ${distinct.join(', ')} HAVING count(*) > 1`)
		.map(([ids]) => String(ids))
		.sort();
}

/** Returns the groups of ids that a unique index refuses: it is built for each pair of rows. */
function refusedPairs(db: Database, sql: string, ids: readonly number[]): readonly string[] {
	const found: string[] = [];
	for (const [at, first] of ids.entries()) {
		for (const second of ids.slice(at + 1)) {
			db.exec('SAVEPOINT one');
			db.exec(`DELETE FROM t WHERE id NOT IN (${first}, ${second})`);
			if (refusal(db, sql) !== undefined) found.push(`${first},${second}`);
			db.exec('ROLLBACK TO one; RELEASE one');
		}
	}
	return found;
}

function pairsIn(groups: readonly string[]): readonly string[] {
	return groups
		.flatMap((group) => {
			const ids = group.split(',').map(Number);
			return ids.flatMap((first, at) => ids.slice(at + 1).map((second) => `${first},${second}`));
		})
		.sort();
}

/** Checks one change. Returns false for a schema or a change that SQLite refuses. */
function checkChange(one: Change): boolean {
	const texts = textsOf(one);
	const [db, changed] = [openInMemory(), openInMemory()];
	try {
		const statements = [texts.from, ...(texts.oldIndex === undefined ? [] : [texts.oldIndex])];
		if (statements.some((sql) => refusal(db, sql) !== undefined)) return false;
		for (const sql of one.inSteps ? [texts.between, texts.oldIndex ?? ''] : []) if (refusal(changed, sql) !== undefined) return false;
		if (one.inSteps) changed.exec('DROP TABLE t');
		if (refusal(changed, texts.to) !== undefined) return false;
		if (texts.index !== undefined && refusal(changed, texts.index) !== undefined) return false;
		changed.exec('DROP TABLE t');
		changed.exec(texts.plain);
		for (const [at, row] of one.rows.entries())
			refusal(db, `INSERT INTO t (id, ${columnList}) VALUES (${at + 1}, ${row.map((value) => stored[value]).join(', ')})`);
		const facts = {...texts, rows: db.tuples(`SELECT id, ${quotedList} FROM t`).map(String)};
		const from = introspect(db);
		const to = schemaOfSql(`${texts.to};\n${texts.index ?? ''}`);
		const between = schemaOfSql(`${texts.between};\n${texts.oldIndex ?? ''}`);
		const schemas = one.inSteps ? [from, between, to] : [from, to];
		const operations = schemas.slice(1).flatMap((next, at) => {
			const found = diff(schemas[at] as typeof next, next, noDecisions);
			if (found.questions.length > 0) throw broken('a question is open', {questions: found.questions, ...facts});
			return found.operations;
		});
		const hazards = hazardsOf(from, operations).filter(isValueHazard);
		const refused = new Set<number>();
		for (const [id, ...values] of db.tuples(`SELECT id, ${quotedList} FROM t`)) {
			const error = refusal(changed, `INSERT INTO t (id, ${columnList}) VALUES (${id}, ${values.join(', ')})`);
			if (error !== undefined) refused.add(Number(id));
		}
		const found = (kinds: readonly string[]) =>
			new Set(
				hazards.filter(({kind, blocking}) => blocking && kinds.includes(kind)).flatMap(({where}) => idsOf(db, `SELECT id FROM t WHERE ${where}`)),
			);
		const expect = (rule: string, expected: Iterable<unknown>, reported: Iterable<unknown>) => {
			const [was, is] = [[...expected].join(' '), [...reported].join(' ')];
			if (was !== is) throw broken(`${rule}: hazards find ${is || 'nothing'} instead of ${was || 'nothing'}`, {hazards, ...facts});
		};
		const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);
		expect('STRICT', sorted(refused), sorted(found(['incompatible'])));
		for (const name of columns) {
			const was = storedIn(db, name);
			const is = storedIn(changed, name);
			const isReal = changed.value(`SELECT type FROM pragma_table_xinfo('t') WHERE name = ?`, unquoted(name)) === 'REAL';
			const changes = [...is].filter(([id, value]) => !isSame(was.get(id) as Stored, value, isReal)).map(([id]) => id);
			const converts = hazards.filter(({kind, columns: [column]}) => kind === 'convert' && column === unquoted(name));
			const reported = new Set(converts.flatMap(({where}) => idsOf(db, `SELECT id FROM t WHERE ${where}`)));
			expect(
				`conversion of ${name}`,
				changes,
				sorted(reported).filter((id) => !refused.has(id)),
			);
		}
		const fits = idsOf(changed, 'SELECT id FROM t ORDER BY id');
		if (texts.check !== undefined) {
			const failing = idsOf(changed, `SELECT id FROM t WHERE NOT (${texts.check}) ORDER BY id`);
			expect('CHECK', failing, sorted([...found(['check'])].filter((id) => !refused.has(id))));
		}
		if (texts.index !== undefined) {
			const pairs = refusedPairs(changed, texts.index, fits);
			const duplicates = hazards.filter(({kind}) => kind === 'duplicate');
			db.exec(`CREATE TEMP TABLE refused AS SELECT 0 AS id`);
			for (const id of refused) db.exec(`INSERT INTO temp.refused VALUES (${id})`);
			const reported = pairsIn(duplicates.flatMap((hazard) => groupsIn(db, hazard))).filter((pair) =>
				pair.split(',').every((id) => !refused.has(Number(id))),
			);
			expect('UNIQUE', [...pairs].sort(), reported);
		}
		return true;
	} finally {
		db.close();
		changed.close();
	}
}

describe('hazards over changed columns', () => {
	test(
		`find exactly the rows that break a rule, in ${runs} generated changes of types and collations`,
		() => {
			fc.assert(
				fc.property(change, (one) => {
					fc.pre(checkChange(one));
				}),
				sample,
			);
		},
		runs * 1000,
	);
});
