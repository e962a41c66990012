import {describe, expect, test} from 'vitest';
import type {ValueHazard} from '../../../source/core/operations/hazard.ts';
import {hazardsOf} from '../../../source/core/operations/hazards.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {columnAffinity} from '../../../source/core/schema/affinity.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {execute} from '../../laws/database.ts';
import {isSame, readStored, type Stored, storedFrom} from '../../laws/same-value.ts';

const literals =
	`NULL; ''; ' '; '0'; '-0'; '00001'; '1'; '+1'; ' 1'; '1 '; '1.0'; '1.50'; '1.5'; '1e3'; '1E+3'; '0x10'; 'abc'; '12abc'; 'inf'; 'Infinity'; 'nan'; '-'; '.';
	'007'; '5'; '-5'; '9007199254740992'; '9007199254740993'; '-9007199254740993'; '9223372036854775807'; '9223372036854775808'; '-9223372036854775808';
	'-9223372036854775809'; '123456789012345678901234567890'; '9007199254740993.0'; '9007199254740993.5'; '0.1'; '.1'; '5.'; '-0.0'; '0.1234567890123456789'; '0.30000000000000004';
	'1e400'; '1e999'; '-1e999'; '1e-400'; '2.5e-324'; '1.0e+300'; '1e15'; '1.0e+15'; '100000000000000000000'; '9.0071992547409930e15';
	x''; x'31'; x'00ff'; x'0031'; 0; 1; -1; 9007199254740992; 9007199254740993; -9007199254740993; 9223372036854775807; 9223372036854775806; 9223372036854774784; -9223372036854775807;
	-9223372036854775807 - 1; 0.0; -0.0; 1.0; 1.5; 0.1; 1e15; 1e16; 1e300; 9e999; -9e999; 5e-324; 9007199254740992.0; 0.30000000000000004; 123456789.12345678;
	-9.2233720368547758e18; 9.2233720368547758e18; 3.141592653589793238`
		.split(';')
		.map((text) => text.trim());

interface Declared {
	readonly type: string;
	readonly isStrict: boolean;
}

const declared: readonly Declared[] = [
	...['', 'TEXT', 'VARCHAR(9)', 'INTEGER', 'BIGINT', 'REAL', 'DOUBLE', 'NUMERIC', 'DECIMAL(10, 2)', 'BOOLEAN', 'BLOB', 'ANY'].map((type) => ({
		type,
		isStrict: false,
	})),
	...['INTEGER', 'INT', 'REAL', 'TEXT', 'BLOB', 'ANY'].map((type) => ({type, isStrict: true})),
];
const pairs = declared.flatMap((from) =>
	declared.map((to): readonly [string, Declared, Declared] => [`${spelled(from)} → ${spelled(to)}`, from, to]),
);

function spelled({type, isStrict}: Declared): string {
	return `${type || 'no type'}${isStrict ? ' STRICT' : ''}`;
}

function definition({type, isStrict}: Declared): string {
	return `CREATE TABLE t (id INTEGER PRIMARY KEY, v ${type})${isStrict ? ' STRICT' : ''}`;
}

/** Returns a table with each value that SQLite accepts for the type, as stored. */
function tableOf(from: Declared): Database {
	const db = openInMemory();
	db.exec(definition(from));
	for (const [index, literal] of literals.entries()) {
		try {
			db.exec(`INSERT INTO t VALUES (${index}, ${literal})`);
		} catch (error) {
			if (!/cannot store/.test(String(error))) throw error;
		}
	}
	return db;
}

function stored(db: Database): ReadonlyMap<number, Stored> {
	return new Map(db.tuples(`SELECT id, ${readStored('v')} FROM t`).map(([id, ...value]) => [Number(id), storedFrom(value)]));
}

function rowsOf(db: Database, hazards: readonly Pick<ValueHazard, 'where'>[]): ReadonlySet<number> {
	return new Set(hazards.flatMap(({where}) => db.tuples(`SELECT id FROM t WHERE ${where}`).map(([id]) => Number(id))));
}

describe('a value is reported if, and only if, the new type stores another value', () => {
	test.each(pairs)('%s', async (_, from, to) => {
		const db = tableOf(from);
		const operations: readonly Operation[] = [{kind: 'changeTable', table: 't', sql: definition(to), fill: {}}];
		const schema = introspect(db);
		const hazards = hazardsOf(schema, operations).filter((hazard) => hazard.kind === 'convert' || hazard.kind === 'incompatible');
		const failing = rowsOf(
			db,
			hazards.filter(({blocking}) => blocking),
		);
		if (failing.size > 0) {
			await expect(execute(db, plan(schema, operations).steps)).rejects.toThrow(/cannot store/);
			db.exec(`DELETE FROM t WHERE id IN (${[...failing].join(', ')})`);
		}
		const before = stored(db);
		const reported = rowsOf(
			db,
			hazards.filter(({kind}) => kind === 'convert'),
		);
		const promised = new Map(
			hazards
				.filter(({kind}) => kind === 'convert')
				.flatMap(({where, to: value}) => db.tuples(`SELECT id, typeof(${value}) || ' ' || quote(${value}) FROM t WHERE ${where}`))
				.map(([id, value]) => [Number(id), String(value)]),
		);
		const suspected = rowsOf(
			db,
			hazards.map((hazard) => ({...hazard, where: `(${hazard.where}) AND NOT (${hazard.prefilter ?? hazard.where})`})),
		);
		await execute(db, plan(schema, operations).steps);
		const after = stored(db);
		const changed = [...before]
			.filter(([id, was]) => !isSame(was, after.get(id) as Stored, columnAffinity(to.type, to.isStrict) === 'REAL'))
			.map(([id]) => id);
		const described = (ids: Iterable<number>) =>
			[...ids].map((id) => `${literals[id]}: ${before.get(id)?.type} ${before.get(id)?.quoted} → ${after.get(id)?.type} ${after.get(id)?.quoted}`);
		expect(described(reported)).toEqual(described(changed));
		expect([...suspected]).toEqual([]);
		for (const [id, value] of promised) expect(value).toBe(`${after.get(id)?.type} ${after.get(id)?.quoted}`);
		db.close();
	});
});
