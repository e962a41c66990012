import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../source/core/migrations/event.ts';
import {apply} from '../../../source/core/migrations/run/apply.ts';
import {openDatabase, openMemory} from '../../../source/core/sqlite/open.ts';
import {type EffectsCase, effectsCase} from './generate.ts';
import {contentsOf, verdictOf} from './oracle.ts';

const runs = Number(process.env.EFFECTS ?? 300);
const chosen = process.env.LAWS_SEED ?? (process.env.EFFECTS === undefined ? '20261130' : undefined);

describe('measured effects', () => {
	test(
		`nothing is lost without consent in ${runs} generated migrations, and at most 2% of those that lose nothing are asked about`,
		async () => {
			const asked = {keeping: 0, needlessly: 0, losing: 0, failed: 0};
			await fc.assert(
				fc.asyncProperty(effectsCase, async (one) => {
					await check(one, asked);
				}),
				{numRuns: runs, ...(chosen === undefined ? {} : {seed: Number(chosen)}), endOnFailure: process.env.LAWS_SHRINK === 'no'},
			);
			if (process.env.EFFECTS !== undefined) process.stderr.write(`${JSON.stringify(asked)}\n`);
			expect(asked.losing).toBeGreaterThan(runs / 20);
			expect(asked.needlessly / asked.keeping).toBeLessThanOrEqual(0.02);
		},
		runs * 1000,
	);
});

async function check(one: EffectsCase, asked: {keeping: number; needlessly: number; losing: number; failed: number}): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-effects-'));
	try {
		const database = join(folder, 'app.db');
		build(database, one);
		const expected = byPlainSql(one);
		mkdirSync(join(folder, 'migrations'));
		writeFileSync(join(folder, 'migrations', '20261130_000000_change.sql'), one.statements.map((sql) => `${sql};`).join('\n'));
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

function build(database: string, {schema, rows, triggers, journal}: EffectsCase): void {
	const db = openDatabase(database, {create: true});
	try {
		db.exec(`PRAGMA journal_mode = ${journal}; PRAGMA foreign_keys = OFF`);
		for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
	} finally {
		db.close();
	}
}

/** The same statements without lite-migr; undefined if one of them fails. */
function byPlainSql({schema, rows, triggers, statements}: EffectsCase) {
	const db = openMemory();
	try {
		db.exec('PRAGMA foreign_keys = OFF');
		for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
		const before = contentsOf(db);
		// As on a connection of its own, where no statement has changed a row yet.
		db.exec('CREATE TEMP TABLE reset (id); DELETE FROM reset WHERE id = 0; DROP TABLE reset');
		db.exec('BEGIN');
		for (const sql of statements) {
			try {
				db.exec(sql);
			} catch {
				return undefined;
			}
		}
		db.exec('COMMIT');
		return {before, after: contentsOf(db)};
	} finally {
		db.close();
	}
}
