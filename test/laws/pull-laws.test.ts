import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, test} from 'vitest';
import {diff} from '../../source/core/diff/diff.ts';
import {MigrError} from '../../source/core/errors.ts';
import {loadModels} from '../../source/core/models/load.ts';
import {pulledSql} from '../../source/core/pull/sql.ts';
import {pulledTypescript} from '../../source/core/pull/typescript.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {buildDatabase} from './database.ts';
import {caseDice, caseFrom} from './generate/case.ts';

const runs = Number(process.env.LAWS ?? 150);

describe('a database pulled as models', () => {
	test(
		`does not differ from them, in SQL and in the table language, for ${runs} generated schemas`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					const db = buildDatabase(caseFrom(dice));
					const schema = introspect(db);
					db.close();
					await requireSame(schema, 'schema.sql', pulledSql(schema));
					await requireSame(schema, 'schema.ts', pulledTypescript(schema));
				}),
				{numRuns: runs},
			);
		},
		runs * 1000,
	);
});

async function requireSame(schema: Schema, file: string, text: string): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-pull-law-'));
	try {
		writeFileSync(join(folder, file), text);
		const {operations, questions} = diff(schema, await loadModels(folder));
		if (operations.length + questions.length > 0) throw new Error(`${JSON.stringify({operations, questions}, undefined, 1)}\n${text}`);
	} catch (error) {
		throw error instanceof MigrError ? new Error(`${error.message} ${JSON.stringify(error.location)}\n${text}`) : error;
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
