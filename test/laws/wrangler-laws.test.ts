import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {splitStatements} from '../../source/core/ddl/split.ts';
import {MigrError} from '../../source/core/errors.ts';
import {wranglerMigration} from '../../source/core/migrations/draft/wrangler-migration.ts';
import type {MigrationFiles} from '../../source/core/migrations/files/write.ts';
import {managedSchema} from '../../source/core/migrations/history/managed-schema.ts';
import {schemaDifferences} from '../../source/core/migrations/replay/schema-differences.ts';
import {apply} from '../../source/core/migrations/run/apply.ts';
import {withDefaults} from '../../source/core/migrations/run/apply-options.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {bytesOf, openBytes} from './bytes.ts';
import {broken, checkResult, remember} from './check-laws.ts';
import {onBetterSqlite3, upgradeOf} from './check-script.ts';
import {buildDatabase} from './database.ts';
import {type Case, caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(20, 20261130);
const {numRuns: runs} = sample;

type Outcome = 'kept' | 'refused' | 'orphans';

/** Checks that the file gives the same schema and rows, with foreign keys on as wrangler runs it, and in an upgrade of lite-migr. */
async function checkFile(one: Case): Promise<Outcome> {
	const {upgrade, operations, facts} = await upgradeOf(one);
	let files: MigrationFiles;
	try {
		files = await wranglerMigration(upgrade.from, operations);
	} catch (error) {
		if (error instanceof MigrError && /cannot be enforced|D1|wrangler/.test(error.message)) return 'refused';
		throw broken(`9: the file cannot be written: ${error}`, facts);
	}
	const facing = {...files, fixes: upgrade.fixes, ...facts};
	const results = await Promise.all(
		[asWrangler, asLiteMigr].map(async (run) => {
			const before = buildDatabase(one, upgrade.fixes);
			const memory = remember(before, one, upgrade);
			try {
				const db = await run(before, files.text);
				checkResult(db, one, upgrade, memory, facing);
				db.close();
				return 'kept';
			} catch (error) {
				if (/no parent row|without a parent row/.test(String(error))) return 'orphans';
				throw broken(`9: ${run.name} fails: ${error}`, facing);
			}
		}),
	);
	if (results[0] !== results[1]) throw broken(`9: wrangler: ${results[0]}, lite-migr: ${results[1]}`, facing);
	return results[0] as Outcome;
}

async function asWrangler(db: Database, text: string): Promise<Database> {
	return await onBetterSqlite3(
		db,
		splitStatements(text).map((statement) => statement.text),
	);
}

async function asLiteMigr(db: Database, text: string): Promise<Database> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-wrangler-law-'));
	try {
		const [database, migrationsDir] = [join(folder, 'app.db'), join(folder, 'migrations')];
		mkdirSync(migrationsDir);
		writeFileSync(join(migrationsDir, '0001_law.sql'), text);
		writeFileSync(database, bytesOf(db));
		db.close();
		const options = withDefaults({database, migrationsDir, wranglerTable: 'd1_migrations', consent: true, backup: 'never'});
		for await (const event of apply(options)) if (event.type === 'failed') throw new Error([event.message, ...event.details].join('\n'));
		const result = openBytes(readFileSync(database));
		expect(result.tuples('SELECT name FROM d1_migrations')).toEqual([['0001_law.sql']]);
		result.exec('DROP TABLE d1_migrations');
		return result;
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

/** Checks that the file in `down/` restores the schema, if the rows allow it. */
async function checkDowngrade(one: Case): Promise<'undone' | 'refused'> {
	const {upgrade, operations, facts} = await upgradeOf(one);
	const files = await wranglerMigration(upgrade.from, operations).catch(() => undefined);
	if (files === undefined) return 'refused';
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-wrangler-law-'));
	try {
		const [database, migrationsDir] = [join(folder, 'app.db'), join(folder, 'migrations')];
		mkdirSync(join(migrationsDir, 'down'), {recursive: true});
		writeFileSync(join(migrationsDir, '0001_law.sql'), files.text);
		writeFileSync(join(migrationsDir, 'down', '0001_law.sql'), files.downgrade ?? '');
		writeFileSync(database, bytesOf(buildDatabase(one, upgrade.fixes)));
		for (const direction of ['upgrade', 'downgrade'] as const) {
			const options = withDefaults({database, migrationsDir, wranglerTable: 'd1_migrations', consent: true, backup: 'never', direction});
			for await (const event of apply(options)) {
				if (event.type !== 'failed') continue;
				// The rows of the new schema may not fit the old one.
				if (direction === 'downgrade' && (event.code === 'hazard' || event.message.includes('without a parent row'))) return 'refused';
				if (direction === 'upgrade' && event.message.includes('without a parent row')) return 'refused';
				throw broken(`10: the ${direction} fails: ${event.message}`, {...files, ...facts});
			}
		}
		const db = openDatabase(database);
		const differences = schemaDifferences(upgrade.from, managedSchema(introspect(db)));
		db.close();
		if (differences.length > 0) throw broken(`10: the downgrade leaves ${JSON.stringify(differences)}`, {...files, ...facts});
		return 'undone';
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

describe('a file for wrangler', () => {
	test(
		`has a downgrade that restores the schema, in ${runs} generated cases`,
		async () => {
			const found = {undone: 0, refused: 0};
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					found[await checkDowngrade(caseFrom(dice))] += 1;
				}),
				sample,
			);
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.undone).toBeGreaterThan(0.5 * runs);
		},
		runs * 2000,
	);

	test(
		`gives the same schema and rows with foreign keys on and in an upgrade, in ${runs} generated cases`,
		async () => {
			const found = {kept: 0, refused: 0, orphans: 0};
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					found[await checkFile(caseFrom(dice))] += 1;
				}),
				sample,
			);
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.kept).toBeGreaterThan(0.8 * runs);
		},
		runs * 2000,
	);
});
