import {basename} from 'node:path';
import {statementsOf} from '../../plan/statements.ts';
import {literal} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {openDatabase, openInMemory, requireTarget, statPath} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {migrationsIn} from '../files/source.ts';
import {guardSql} from '../files/steps-sql.ts';
import {historyTable} from '../history/foreign-tools.ts';
import {historyStatements} from '../history/history.ts';
import type {ApplyOptions} from './apply-options.ts';
import {prepareRun} from './prepare-run.ts';
import type {PreparedMigration, PreparedRun} from './prepared-run.ts';

/** A run as SQL. */
export interface SqlScript {
	/** Empty if there is nothing to do. */
	readonly sql: string;
	readonly migrations: readonly string[];
	/** Migrations with code (`op.run`), which the script cannot contain. */
	readonly withCode: readonly string[];
}

/**
 * Returns a run as plain SQL, including bookkeeping, for `sqlite3 -bail app.db < script.sql`. The script produces the same schema and rows as the run.
 * It uses only statements that any SQLite since 3.35 knows. In a program that keeps foreign keys on, it fails if rows could be lost. Nothing is written,
 * and rows are not read.
 */
export async function sqlScript(options: ApplyOptions): Promise<SqlScript> {
	requireTarget(options.database, options.direction);
	const exists = (statPath(options.database)?.size ?? 0) > 0;
	const db = exists || options.direction === 'downgrade' ? openDatabase(options.database, {readonly: true}) : openInMemory();
	try {
		const prepared = await prepareRun({options, migrations: migrationsIn(options.migrationsDir), db, portable: true});
		const {migrations} = prepared;
		return {
			sql: migrations.length === 0 ? '' : scriptOf(db, prepared, options),
			migrations: migrations.map(({name}) => name),
			withCode: migrations.filter(({steps}) => steps.some(({kind}) => kind === 'run')).map(({name}) => name),
		};
	} finally {
		db.close();
	}
}

function scriptOf(db: Database, {migrations, state: {renamed}}: PreparedRun, options: ApplyOptions): string {
	const name = clean(basename(options.database));
	const lines = [
		`-- lite-migr ${options.direction} of ${name}; run it with: sqlite3 -bail ${name} < this file`,
		'PRAGMA foreign_keys=OFF;',
		'BEGIN IMMEDIATE;',
	];
	if (options.direction === 'upgrade') lines.push(...historyStatements(db).map(ended));
	const guard = guardSql(
		migrations.flatMap(({steps}) => steps),
		migrations.flatMap(({before, after}) => [before, after]),
	);
	if (guard !== '') lines.push('', guard.trimEnd());
	for (const {from, to} of renamed) lines.push(`UPDATE ${historyTable} SET name = ${literal(to)} WHERE name = ${literal(from)};`);
	for (const migration of migrations) {
		lines.push('', `-- ${clean(migration.name)}`);
		if (!migration.transaction) lines.push('COMMIT;');
		for (const step of migration.steps) lines.push(...statementsOf(step).map((sql) => (sql.startsWith('-- ') ? sql : ended(sql))));
		if (!migration.transaction) lines.push('BEGIN IMMEDIATE;');
		lines.push(ended(noteOf(migration, options)));
	}
	return `${[...lines, '', 'COMMIT;'].join('\n')}\n`;
}

function noteOf({name, checksum, downgrade = ''}: PreparedMigration, {direction, toolVersion}: ApplyOptions): string {
	if (direction === 'downgrade') return `DELETE FROM ${historyTable} WHERE name = ${literal(name)}`;
	const values = [...[name, checksum, toolVersion].map(literal), '0', literal(downgrade)].join(', ');
	return `INSERT INTO ${historyTable} (name, checksum, tool_version, adopted, downgrade) VALUES (${values})`;
}

/** Adds a semicolon, on a new line if the last line has a comment. */
function ended(sql: string): string {
	return sql.slice(sql.lastIndexOf('\n') + 1).includes('--') ? `${sql}\n;` : `${sql};`;
}
