import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {diff} from '../../source/core/diff/diff.ts';
import {valueLiteral} from '../../source/core/engines/exact.ts';
import {MigrError} from '../../source/core/errors.ts';
import {compileBundle} from '../../source/core/migrations/bundle/compile-bundle.ts';
import {migrationsIn} from '../../source/core/migrations/files/source.ts';
import {writeMigration} from '../../source/core/migrations/files/write.ts';
import type {SqlValue} from '../../source/core/operations/operation.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import {historyTable} from '../../source/core/runtime/history-table.ts';
import {affinityOf} from '../../source/core/schema/affinity.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import {emptySchema, type Schema} from '../../source/core/schema/schema.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase, openInMemory} from '../../source/core/sqlite/open.ts';
import {apply, folder as migrationFolder} from '../../source/index.ts';
import {schemaOfSql, sqlOfModel} from './database.ts';
import {copyOfFile} from './device.ts';
import {type CaseDice, caseDice, caseFrom, type NextDice, nextChange, nextDice} from './generate/case.ts';
import {type Die, die} from './generate/dice.ts';
import type {Model} from './generate/model.ts';
import {addRows, type RowsDice} from './generate/rows.ts';

/** The random numbers for a history of releases. */
export interface ReleasesDice {
	readonly first: CaseDice;
	readonly next: readonly NextDice[];
	/** For each migration after the first, whether it is part of the same release as the one before. */
	readonly joined: readonly Die[];
	/** For each release, the rows that are inserted after it. */
	readonly rows: readonly (readonly RowsDice[])[];
	/** For each release, where a run is stopped in the middle. */
	readonly stops: readonly Die[];
}

const most = 5;
const rowsDice: fc.Arbitrary<RowsDice> = fc.record({
	rows: fc.array(fc.array(die, {minLength: 4, maxLength: 8}), {minLength: 1, maxLength: 5}),
	holes: die,
});

export const releasesDice: fc.Arbitrary<ReleasesDice> = fc.record({
	first: caseDice,
	next: fc.array(nextDice, {minLength: 1, maxLength: most - 2}),
	joined: fc.array(die, {minLength: most, maxLength: most}),
	rows: fc.array(fc.array(rowsDice, {minLength: 1, maxLength: 4}), {minLength: most, maxLength: most}),
	stops: fc.array(die, {minLength: most, maxLength: most}),
});

/** What a database contains: its schema, its rows with their types and rowids, its counters, and its history. */
export interface Contents {
	readonly schema: Schema;
	readonly rows: Readonly<Record<string, readonly string[]>>;
	readonly history: readonly unknown[];
}

/** A release of a program: what it does to the databases of its users, and what they do then. */
export interface Release {
	/** All migrations up to this release. */
	readonly bundle: Bundle;
	/** What `lite-migr upgrade` made. The message if it refused. */
	readonly upgraded: Contents | string;
	/** Statements that the users of this release run afterwards. */
	readonly rows: readonly string[];
	/** What the database contains after that. */
	readonly used: Contents;
	/** Where a run is stopped in the middle. */
	readonly stop: Die;
}

/**
 * Generates a history of releases in an empty folder, and upgrades a database with each of them, with rows in between.
 *
 * @returns the releases, or why there are none: a question has no answer, or a migration cannot be part of a bundle
 */
export async function releasesFrom(dice: ReleasesDice, folder: string): Promise<readonly Release[] | string> {
	const models = modelsFrom(dice);
	const names = models.map((_, index) => `2026010${index + 1}_000000_change`);
	const migrations = join(folder, 'migrations');
	mkdirSync(migrations, {recursive: true});
	const schemas = models.map(({model}) => schemaOfSql(sqlOfModel(model)));
	for (const [index, {decisions}] of models.entries()) {
		const from = index === 0 ? emptySchema : (schemas[index - 1] as Schema);
		const {operations, questions} = diff(from, schemas[index] as Schema, decisions);
		if (questions.length > 0) return 'a question has no answer';
		try {
			writeFileSync(join(migrations, `${names[index]}.ts`), writeMigration('ts', from, operations));
		} catch (error) {
			if (error instanceof MigrError) return error.message;
			throw error;
		}
	}
	let bundle: Bundle;
	try {
		// A device gets it as JSON.
		bundle = JSON.parse(JSON.stringify((await compileBundle(migrationsIn(migrations))).bundle));
	} catch (error) {
		if (error instanceof MigrError) return error.message;
		throw error;
	}
	const file = join(folder, 'upgraded.db');
	const hasReals = schemas.some(({tables}) => tables.some(({columns}) => columns.some(({type}) => affinityOf(type) === 'REAL')));
	const releases: Release[] = [];
	try {
		for (const [index, {model}] of models.entries()) {
			const isLast = index === models.length - 1;
			if (!isLast && (dice.joined[index] ?? 0) % 3 === 0) continue;
			const upgraded = await upgradeTo(file, migrations, names[index] as string);
			const rows = typeof upgraded === 'string' ? [] : newRows(file, model, dice.rows[releases.length] ?? [], hasReals ? isExactReal : () => true);
			const release = {
				bundle: {...bundle, migrations: bundle.migrations.slice(0, index + 1)},
				upgraded,
				rows,
				stop: dice.stops[releases.length] ?? 0,
			};
			const db = openDatabase(file, {create: true});
			db.exec('PRAGMA foreign_keys = ON');
			for (const sql of rows) db.exec(sql);
			releases.push({...release, used: contentsOf(db)});
			db.close();
			if (typeof upgraded === 'string') break;
		}
		return releases;
	} finally {
		rmSync(file, {force: true});
	}
}

function modelsFrom({first, next}: ReleasesDice): readonly {readonly model: Model; readonly decisions: ReturnType<typeof nextChange>['decisions']}[] {
	// Their modules are not everywhere, and test/laws/bundle-laws.test.ts has them.
	const one = caseFrom({...first, virtuals: []});
	const models = [
		{model: one.from, decisions: {...one.decisions, renames: [], fills: []} as typeof one.decisions},
		{model: one.to, decisions: one.decisions},
	];
	for (const each of next) {
		const {to, decisions} = nextChange((models.at(-1) as {readonly model: Model}).model, each);
		models.push({model: to, decisions});
	}
	return models;
}

/** Runs `lite-migr upgrade --to NAME` without its terminal. Returns what it wrote, or why it refused. */
async function upgradeTo(file: string, migrations: string, name: string): Promise<Contents | string> {
	for await (const event of apply({database: file, migrations: migrationFolder(migrations), to: name, consent: true, backup: 'never'})) {
		if (event.type === 'failed') return [event.message, ...event.details].join(' | ');
	}
	const db = openDatabase(file, {readonly: true});
	try {
		return contentsOf(db);
	} finally {
		db.close();
	}
}

/** Generates rows for a database that may have some, and returns the statements that insert them. */
function newRows(file: string, model: Model, dice: readonly RowsDice[], isAllowed: (value: SqlValue) => boolean): readonly string[] {
	const recorded: string[] = [];
	const scratch = copyOfFile(file);
	addRows(recording(scratch, recorded, isAllowed), model, new Map(model.tables.map(({id}, index) => [id, dice[index % dice.length] as RowsDice])));
	scratch.close();
	// Some statements are left out, such as those with foreign keys off. The others may not fit then.
	const again = copyOfFile(file);
	const clocks = columnsWithTime(introspect(again));
	const fitting = recorded.filter((sql) => {
		if (/^\s*PRAGMA/i.test(sql) || sql.includes('987654')) return false;
		// Two rows may get the same time there, and another time here.
		if (
			clocks.some(
				([table, column]) => sql.startsWith(`INSERT INTO ${quoted(table)} `) && !sql.slice(0, sql.indexOf(' VALUES ')).includes(quoted(column)),
			)
		)
			return false;
		// The parent row has another time in each database.
		if (sql.search(times) !== -1) return false;
		try {
			// A counter that is 0 here may be missing there.
			return again.run(sql) > 0;
		} catch {
			return false;
		}
	});
	again.close();
	return fitting;
}

/** Returns the columns whose default is the time, each with its table. */
function columnsWithTime({tables}: Schema): readonly (readonly [table: string, column: string])[] {
	return tables.flatMap(({name, columns}) =>
		columns.filter((column) => /current_(?:timestamp|date|time)/i.test(column.default?.text ?? '')).map((column) => [name, column.name] as const),
	);
}

/** False for an integer that versions of SQLite write as different texts after it was stored in a REAL column. */
function isExactReal(value: SqlValue): boolean {
	return !((typeof value === 'bigint' || typeof value === 'string') && /\d{15}/.test(String(value)));
}

/** Returns a database that records each statement that succeeds, with its values. */
function recording(db: Database, recorded: string[], isAllowed: (value: SqlValue) => boolean): Database {
	return {
		...db,
		get inTransaction() {
			return db.inTransaction;
		},
		exec(sql) {
			db.exec(sql);
			recorded.push(sql);
		},
		run(sql, ...values) {
			const changes = db.run(sql, ...values);
			if (values.every(isAllowed)) recorded.push(bound(sql, values));
			return changes;
		},
	};
}

function bound(sql: string, values: readonly SqlValue[]): string {
	const left = [...values];
	return sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\?/g, (part) => (part === '?' ? valueLiteral(left.shift() ?? null) : part));
}

/** Reads everything in a database. Times are replaced, because each database has its own. */
export function contentsOf(db: Database): Contents {
	const {tables, ...others} = introspect(db);
	const schema: Schema = {...others, tables: tables.filter(({name}) => name !== historyTable && !name.startsWith('_cf_'))};
	const has = (name: string) => db.value('SELECT 1 FROM sqlite_schema WHERE name = ?', name) === 1;
	const rows = schema.tables.map(({name, columns, withoutRowid}) => {
		const taken = columns.map((column) => column.name.toLowerCase());
		const rowid = withoutRowid ? undefined : ['rowid', '_rowid_', 'oid'].find((alias) => !taken.includes(alias));
		const values = [...columns.map((column) => quoted(column.name)).toSorted(), ...(rowid === undefined ? [] : [rowid])];
		const found = db.tuples(`SELECT ${values.map((value) => `typeof(${value}) || ' ' || quote(${value})`).join(', ')} FROM ${quoted(name)}`);
		return [name.toLowerCase(), found.map((row) => row.join(' | ').replace(times, '<time>')).toSorted()] as const;
	});
	const counters = has('sqlite_sequence')
		? db.tuples('SELECT lower(name), seq FROM sqlite_sequence WHERE name <> ? AND seq > 0 ORDER BY 1', historyTable).map(String)
		: [];
	return {
		schema,
		rows: {...Object.fromEntries(rows), 'sqlite_sequence (counters)': counters},
		history: has(historyTable) ? db.tuples(`SELECT name, checksum FROM ${historyTable} ORDER BY id`) : [],
	};
}

const times = /\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?/g;

/** An empty database. */
export function nothing(): Contents {
	const db = openInMemory();
	try {
		return contentsOf(db);
	} finally {
		db.close();
	}
}
