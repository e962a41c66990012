import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {MigrError} from '../../source/core/errors.ts';
import {betterSqlite3} from '../../source/core/runtime/adapters/better-sqlite3.ts';
import type {Bundle, Loss} from '../../source/core/runtime/bundle.ts';
import {migrate} from '../../source/core/runtime/migrate.ts';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {effectsBundle, openedCase} from './bundle-losses.ts';
import {recordStart} from './check-bundle.ts';
import {type EffectsCase, effectsCase} from './effects/generate.ts';
import {contentsOf, verdictOf} from './effects/oracle.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(60, 20261130, 'EFFECTS');
const {numRuns: runs} = sample;

interface Outcomes {
	/** Something was lost, and the run was stopped. */
	losing: number;
	/** Nothing was lost, and consent was not requested. */
	keeping: number;
	/** Nothing was lost, but consent was needed. */
	needlessly: number;
	/** Rows were changed so that both answers are right. */
	either: number;
	/** Refused by the bundle, or the statements fail, or rows would have no parent. */
	stopped: number;
}

describe('statements of a migration in a bundle', () => {
	test(
		`lose nothing without consent in ${runs} generated migrations, and have the effect of plain SQL with it`,
		async () => {
			const outcomes: Outcomes = {losing: 0, keeping: 0, needlessly: 0, either: 0, stopped: 0};
			await fc.assert(
				fc.asyncProperty(effectsCase, async (one) => {
					outcomes[await check(one)] += 1;
				}),
				sample,
			);
			if (process.env.EFFECTS !== undefined) console.info(outcomes);
			expect(outcomes.losing).toBeGreaterThan(runs / 20);
			expect(outcomes.keeping).toBeGreaterThan(outcomes.needlessly);
		},
		runs * 1000,
	);
});

async function check(one: EffectsCase): Promise<keyof Outcomes> {
	const statements = one.groups.flat();
	const plain = openedCase(one);
	const device = openedCase(one);
	try {
		const before = contentsOf(plain);
		try {
			plain.exec('BEGIN');
			for (const sql of statements) plain.exec(sql);
			plain.exec('COMMIT');
		} catch {
			return 'stopped';
		}
		const after = contentsOf(plain);
		const bundle = await effectsBundle(one);
		if (bundle === undefined) return 'stopped';
		recordStart(device, bundle);
		const facing = statements.join(';\n');
		const losses = await lossesOf(device, bundle);
		if (losses === 'failed') return 'stopped';
		const verdict = verdictOf(before, after);
		if (losses.length > 0) {
			expect(contentsOf(device), `nothing is changed without consent:\n${facing}`).toEqual(before);
			const agreed = await migrate(betterSqlite3(nativeOf(device)), bundle, {consent: (now) => JSON.stringify(now) === JSON.stringify(losses)});
			expect(agreed.applied).toEqual(bundle.migrations.slice(1).map(({name}) => name));
		}
		expect(contentsOf(device), facing).toEqual(after);
		if (verdict === 'loses') {
			expect(losses, `something is lost, and the run was not stopped:\n${facing}`).not.toEqual([]);
			return 'losing';
		}
		if (verdict === 'either') return 'either';
		if (losses.length > 0 && process.env.EFFECTS_SHOW !== undefined) process.stderr.write(`${facing}\n${JSON.stringify(losses)}\n\n`);
		return losses.length > 0 ? 'needlessly' : 'keeping';
	} finally {
		plain.close();
		device.close();
	}
}

/** Migrates without consent. Returns the losses that it was stopped for. */
async function lossesOf(db: Database, bundle: Bundle): Promise<readonly Loss[] | 'failed'> {
	const asked: (readonly Loss[])[] = [];
	try {
		await migrate(betterSqlite3(nativeOf(db)), bundle, {
			consent: (losses) => {
				asked.push(losses);
				return false;
			},
		});
		return [];
	} catch (error) {
		if (error instanceof MigrError && error.code === 'answerNeeded') return asked[0] ?? [];
		return 'failed';
	}
}
