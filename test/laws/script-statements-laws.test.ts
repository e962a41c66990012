import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {MigrError} from '../../source/core/errors.ts';
import {foreignKeyViolations, newViolations} from '../../source/core/migrations/preflight/foreign-key-check.ts';
import {replay} from '../../source/core/migrations/replay/replay.ts';
import {TableNames} from '../../source/core/operations/table-names.ts';
import {compile} from '../../source/core/script/compile.ts';
import {engineFeatures} from '../../source/core/script/engine-features.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {onBetterSqlite3} from './check-script.ts';
import {type EffectsCase, effectsCase} from './effects/generate.ts';
import {contentsOf} from './effects/oracle.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(150, 20261130, 'EFFECTS');
const {numRuns: runs} = sample;

/** Counts what became of the cases. */
interface Outcomes {
	/** The same contents as without foreign keys. */
	same: number;
	/** Refused before it ran. */
	refused: number;
	/** Fails, because rows would have no parent row, and so does a local run. */
	orphans: number;
	/** Fails with foreign keys on for another reason, and changes nothing. */
	stopped: number;
	/** One of the statements fails in a local run too. */
	failing: number;
}

describe('a guarded script of statements, with foreign keys on', () => {
	test(
		`has the effect of a local run, or changes nothing, in ${runs} generated migrations`,
		async () => {
			const outcomes: Outcomes = {same: 0, refused: 0, orphans: 0, stopped: 0, failing: 0};
			await fc.assert(
				fc.asyncProperty(effectsCase, async (one) => {
					outcomes[await check(one)] += 1;
				}),
				sample,
			);
			if (process.env.EFFECTS !== undefined) console.info(outcomes);
			expect(outcomes.same).toBeGreaterThan(runs / 3);
			expect(outcomes.stopped + outcomes.refused).toBeLessThan(runs / 5);
		},
		runs * 1000,
	);
});

async function check(one: EffectsCase): Promise<keyof Outcomes> {
	const statements = one.groups
		.flat()
		.filter((sql) => !/changes\(\)|TEMP/.test(sql) && !/^INSERT INTO n \(a, b\) SELECT a, b FROM x|^DROP TABLE x/.test(sql));
	const local = opened(one, false);
	const remote = opened(one, true);
	try {
		const from = introspect(local);
		const operations = statements.map((sql) => ({kind: 'execute' as const, sql, parameters: []}));
		const before = foreignKeyViolations(local, from, 'all');
		try {
			local.exec('BEGIN');
			for (const sql of statements) local.exec(sql);
		} catch {
			return 'failing';
		}
		const {migrations, schema} = await replay(from, [{name: 'law', path: 'law', operations}], {portable: true});
		const steps = migrations.flatMap(({scriptSteps}) => scriptSteps);
		const isOrphaned = newViolations(before, foreignKeyViolations(local, introspect(local), 'all'), new TableNames(from)).length > 0;
		let script: readonly string[];
		try {
			script = compile(
				{setup: [], preconditions: [], before: [], sections: [{name: 'law', steps, after: schema, record: []}]},
				{...engineFeatures.sqlite, foreignKeysOff: false},
			).flatMap((part) => part.statements);
		} catch (error) {
			if (error instanceof MigrError && error.code === 'plan') return 'refused';
			throw error;
		}
		const start = contentsOf(remote);
		try {
			onBetterSqlite3(remote, script);
		} catch (error) {
			expect(contentsOf(remote), `a failed script changes nothing: ${error}`).toEqual(start);
			if (isOrphaned && /no parent row/.test(String(error))) return 'orphans';
			if (process.env.EFFECTS_SHOW !== undefined) process.stderr.write(`${error}\n${script.join(';\n')}\n`);
			return 'stopped';
		}
		expect(isOrphaned, `a script commits rows without a parent row:\n${script.join(';\n')}`).toBe(false);
		expect(contentsOf(remote), script.join(';\n')).toEqual(contentsOf(local));
		return 'same';
	} finally {
		local.close();
		remote.close();
	}
}

function opened({schema, rows, triggers}: EffectsCase, foreignKeys: boolean) {
	const db = openInMemory();
	db.exec('PRAGMA foreign_keys = OFF');
	for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
	if (foreignKeys) db.exec('PRAGMA foreign_keys = ON');
	return db;
}
