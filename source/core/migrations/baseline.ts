import {unlinkSync} from 'node:fs';
import {diff} from '../diff/diff.ts';
import {MigrError} from '../errors.ts';
import {emptySchema, type Schema} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {introspect} from '../sqlite/introspect.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {createMigrationFile} from './create-file.ts';
import {foreignToolsIn} from './foreign-tools.ts';
import {recordApplied} from './history.ts';
import {withoutIgnored} from './ignored.ts';
import {checksumOf, type MigrationFile} from './list.ts';
import {loadMigration} from './load.ts';
import {requireMigrationName, shortName} from './names.ts';
import {replay, replayFromNothing} from './replay.ts';
import {type SchemaDifference, schemaDifferences} from './schema-differences.ts';
import {projectState} from './state.ts';
import {type MigrationFormat, writeMigration} from './write.ts';

export interface BaselineRequest {
	readonly dbPath: string;
	readonly migrationsDir: string;
	readonly ignore: readonly string[];
	/** Seconds to wait for a lock. */
	readonly wait: number;
	readonly format: MigrationFormat;
	/** Of a new migration, or of one that is there and makes just this schema. */
	readonly name: string;
	readonly now: Date;
	readonly toolVersion: string;
}

export interface Baselined {
	/** The migrations that count as applied now. */
	readonly applied: readonly string[];
	/** The file that was written; null where those that are there make this schema. */
	readonly path: string | null;
	readonly tables: number;
	/** Tools whose bookkeeping the database holds; it is left alone. */
	readonly tools: readonly {readonly tool: string; readonly tables: readonly string[]}[];
}

/**
 * Adopts a database that is there: a migration that would make its schema is written and noted as applied. No DDL runs but that of the bookkeeping
 * table. Where migrations are there already and make just this schema, they are noted: so the next database of the same kind is adopted.
 *
 * @throws MigrError `history` where migrations were applied already, or where those that are there make another schema
 */
export async function baseline(request: BaselineRequest): Promise<Baselined> {
	requireMigrationName(request.name);
	const db = openDatabase(request.dbPath, {wait: request.wait});
	try {
		const state = projectState({db, migrationsDir: request.migrationsDir});
		if (state.applied.length > 0) {
			throw new MigrError('history', `the database has ${plural(state.applied.length, 'applied migration')} already`, {
				hint: 'baseline is for a database that lite-migr has not changed before; lite-migr status shows where it stands',
			});
		}
		const whole = introspect(db);
		const present = withoutIgnored(whole, request.ignore);
		const facts = {tables: present.tables.length + present.virtualTables.length, tools: foreignToolsIn(whole)};
		const chosen = state.files.find(({name}) => name === request.name || shortName(name) === request.name);
		if (chosen !== undefined) {
			const files = state.files.filter(({name}) => name <= chosen.name);
			await requireSameSchema(files, present, request.ignore);
			note(db, files, request);
			return {...facts, applied: files.map(({name}) => name), path: null};
		}
		if (state.files.length > 0) {
			const last = state.files.at(-1)?.name ?? '';
			throw new MigrError('history', `there are migrations already, and none of them is called ${clean(request.name)}`, {
				hint: `lite-migr baseline ${last} notes them as applied, if they make the schema of this database`,
			});
		}
		if (facts.tables === 0) {
			throw new MigrError('history', 'the database has no tables, so there is nothing to adopt', {
				hint: 'lite-migr create <name> makes them from the models',
			});
		}
		return {...facts, ...(await writeAndNote(db, present, request))};
	} finally {
		db.close();
	}
}

async function writeAndNote(db: Database, present: Schema, request: BaselineRequest): Promise<Pick<Baselined, 'applied' | 'path'>> {
	const {operations} = diff(emptySchema, present);
	const made = await replay(emptySchema, [{name: request.name, path: request.migrationsDir, operations}]);
	requireNone(schemaDifferences(present, withoutIgnored(made.schema, request.ignore)), 'the schema of the database cannot be written as a migration');
	const text = writeMigration(request.format, emptySchema, operations);
	const file = createMigrationFile(request.migrationsDir, request.name, request.format, text, request.now);
	try {
		note(db, [{name: file.name, checksum: checksumOf(text)}], request);
	} catch (error) {
		unlinkSync(file.path);
		throw error;
	}
	return {applied: [file.name], path: file.path};
}

async function requireSameSchema(files: readonly MigrationFile[], present: Schema, ignore: readonly string[]): Promise<void> {
	const migrations = [];
	for (const file of files) migrations.push(await loadMigration(file));
	const {schema} = await replayFromNothing(migrations);
	requireNone(schemaDifferences(withoutIgnored(schema, ignore), present), 'the migrations make another schema than that of the database');
}

function requireNone(differences: readonly SchemaDifference[], message: string): void {
	if (differences.length === 0) return;
	const words = {missing: 'is not in the database', unexpected: 'is in no migration', changed: 'differs'} as const;
	throw new MigrError('history', message, {
		details: differences.map(({object, name, kind}) => `${object} ${clean(name)} ${words[kind]}`),
		hint: 'nothing was changed',
	});
}

/** All or none are noted. */
function note(db: Database, files: readonly Pick<MigrationFile, 'name' | 'checksum'>[], {toolVersion}: BaselineRequest): void {
	db.exec('BEGIN IMMEDIATE');
	try {
		for (const {name, checksum} of files) recordApplied(db, {name, checksum, durationMs: 0, toolVersion});
		db.exec('COMMIT');
	} catch (error) {
		if (db.inTransaction) db.exec('ROLLBACK');
		throw error;
	}
}
