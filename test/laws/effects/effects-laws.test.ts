import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent, TableEffect} from '../../../source/core/migrations/event.ts';
import {apply} from '../../../source/core/migrations/run/apply.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openDatabase, openInMemory} from '../../../source/core/sqlite/open.ts';
import {lawSample} from '../law-sample.ts';
import {type EffectsCase, effectsCase} from './generate.ts';
import {contentsOf, type ExactEffect, exactEffect, verdictOf} from './oracle.ts';

const sample = lawSample(150, 20261130, 'EFFECTS');
const {numRuns: runs} = sample;

describe('measured effects', () => {
	test(
		`nothing is lost without consent in ${runs} generated migrations, and at most 2% of those that lose nothing are asked about`,
		async () => {
			const asked = {keeping: 0, needlessly: 0, losing: 0, exact: 0, failed: 0};
			await fc.assert(
				fc.asyncProperty(effectsCase, async (one) => {
					await check(one, asked);
				}),
				sample,
			);
			if (process.env.EFFECTS !== undefined) process.stderr.write(`${JSON.stringify(asked)}\n`);
			expect(asked.losing).toBeGreaterThan(runs / 20);
			expect(asked.needlessly / asked.keeping).toBeLessThanOrEqual(0.02);
		},
		runs * 1000,
	);
});

interface Asked {
	keeping: number;
	needlessly: number;
	losing: number;
	exact: number;
	failed: number;
}

async function check(given: EffectsCase, asked: Asked): Promise<void> {
	const one = {...given, groups: groupsThatRun(given)};
	const migrations = migrationsOf(one);
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-effects-'));
	try {
		const database = join(folder, 'app.db');
		build(database, one);
		const expected = byPlainSql(one, migrations);
		mkdirSync(join(folder, 'migrations'));
		for (const [index, statements] of migrations.entries())
			writeFileSync(join(folder, 'migrations', `20261130_00000${index}_change.sql`), statements.map((sql) => `${sql};`).join('\n'));
		const events: ApplyEvent[] = [];
		for await (const event of apply({
			database,
			migrationsDir: join(folder, 'migrations'),
			direction: 'upgrade',
			backup: 'auto',
			toolVersion: '1',
			consent: false,
		})) {
			events.push(event);
		}
		const last = events.at(-1);
		if (expected === undefined) {
			asked.failed += 1;
			return;
		}
		const isAsked = last?.type === 'failed' && last.code === 'answerNeeded';
		if (last?.type === 'failed' && last.code === 'guard' && /foreign|parent/.test(last.message)) return;
		if (!isAsked && last?.type !== 'done') throw new Error(JSON.stringify(last));
		const verdict = verdictOf(expected.before, expected.after);
		if (verdict === 'loses') {
			asked.losing += 1;
			expect(isAsked, 'something is lost, and the run was not stopped').toBe(true);
		}
		if (verdict === 'keeps') {
			asked.keeping += 1;
			if (isAsked) asked.needlessly += 1;
			if (isAsked && process.env.EFFECTS_SHOW !== undefined) process.stderr.write(`${JSON.stringify([one, last], null, 1)}\n`);
		}
		const reported = isAsked ? (last.tables ?? []) : events.flatMap((event) => (event.type === 'effects' ? event.tables : []));
		for (const name of ['t', 'u'] as const) {
			const exact = exactEffect(name, one, migrations.flat(), expected.before, expected.after);
			if (exact === undefined) continue;
			const isLost = exact.rowsGone > 0 || exact.columns.some(({valuesGone}) => valuesGone > 0);
			if (isLost) expect(isAsked, 'something is lost by key, and the run was not stopped').toBe(true);
			if (isAsked && !isLost) continue;
			asked.exact += 1;
			expect(effectOn(reported, name), `the effect on ${name}`).toEqual(exact);
		}
		const db = openDatabase(database);
		try {
			expect(contentsOf(db)).toEqual(isAsked ? expected.before : expected.after);
		} finally {
			db.close();
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

function effectOn(tables: readonly TableEffect[], name: string): ExactEffect {
	const {rowsGone, rowsAdded, rowsChanged, columns} = tables.find(({table}) => table === name) ?? {
		rowsGone: 0,
		rowsAdded: 0,
		rowsChanged: 0,
		columns: [],
	};
	return {
		rowsGone,
		rowsAdded,
		rowsChanged,
		columns: columns.map(({column, valuesGone, valuesChanged}) => ({column, valuesGone, valuesChanged})),
	};
}

/** What is between the parts of a temporary table cannot be in another migration. */
function migrationsOf({groups, split}: EffectsCase): readonly (readonly string[])[] {
	const units = groups.flatMap((group) => (group.some((sql) => sql.includes(' TEMP ')) ? [group] : group.map((sql) => [sql])));
	const at = Math.floor(units.length * split);
	return [units.slice(0, at).flat(), units.slice(at).flat()].filter((statements) => statements.length > 0);
}

function build(database: string, {schema, rows, triggers, journal}: EffectsCase): void {
	const db = openDatabase(database, {create: true});
	try {
		db.exec(`PRAGMA journal_mode = ${journal}; PRAGMA foreign_keys = OFF`);
		for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
	} finally {
		db.close();
	}
}

function memoryCopy({schema, rows, triggers}: EffectsCase): Database {
	const db = openInMemory();
	db.exec('PRAGMA foreign_keys = OFF');
	for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
	return db;
}

/** Leaves out what fails. */
function groupsThatRun(one: EffectsCase): EffectsCase['groups'] {
	const db = memoryCopy(one);
	try {
		return one.groups.filter((group) => {
			db.exec('SAVEPOINT one');
			try {
				for (const sql of group) db.exec(sql);
				db.exec('RELEASE one');
				return true;
			} catch {
				if (db.inTransaction) db.exec('ROLLBACK TO one; RELEASE one');
				return false;
			}
		});
	} finally {
		db.close();
	}
}

/** The same statements without lite-migr. Undefined if one of them fails. */
function byPlainSql(one: EffectsCase, migrations: readonly (readonly string[])[]) {
	const db = memoryCopy(one);
	try {
		const before = contentsOf(db);
		db.exec('BEGIN');
		for (const statements of migrations) {
			// As on a separate connection, where no statement has changed a row yet.
			db.exec('CREATE TEMP TABLE reset (id); INSERT INTO reset (rowid, id) VALUES (0, 0); DELETE FROM reset WHERE id = 1; DROP TABLE reset');
			for (const sql of statements) {
				try {
					db.exec(sql);
				} catch {
					return undefined;
				}
			}
		}
		db.exec('COMMIT');
		return {before, after: contentsOf(db)};
	} finally {
		db.close();
	}
}
