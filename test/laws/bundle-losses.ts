import {MigrError} from '../../source/core/errors.ts';
import {compileBundle} from '../../source/core/migrations/bundle/compile-bundle.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {creating, sourceOf} from './bundle-source.ts';
import type {EffectsCase} from './effects/generate.ts';

/** Returns a bundle with the schema of a case, and its statements in one or two migrations. Undefined if a bundle cannot contain them. */
export async function effectsBundle({schema, triggers, groups, split}: EffectsCase): Promise<Bundle | undefined> {
	const statements = groups.flat();
	const at = Math.floor(statements.length * split);
	const changes = [statements.slice(0, at), statements.slice(at)]
		.filter((some) => some.length > 0)
		.map((some, index) => creating(`2026010${index + 2}_000000_change`, some));
	try {
		return (await compileBundle(sourceOf([creating('20260101_000000_start', [...schema, ...triggers]), ...changes]))).bundle;
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

/** Creates the database of a case, with its rows. */
export function openedCase({schema, rows, triggers}: EffectsCase): Database {
	const db = openInMemory();
	db.exec('PRAGMA foreign_keys = OFF');
	for (const sql of [...schema, ...rows, ...triggers]) db.exec(sql);
	return db;
}
