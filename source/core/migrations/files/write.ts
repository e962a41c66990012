import type {FileFormat} from '../../config/config.ts';
import type {Operation} from '../../operations/operation.ts';
import {recordDefinitions} from '../../operations/recorded-definitions.ts';
import {reverseAll} from '../../operations/reverse.ts';
import {type Plan, plan} from '../../plan/plan.ts';
import type {Schema} from '../../schema/schema.ts';
import {localSqliteVersion} from '../../sqlite/driver/choose.ts';
import {clean} from '../../text/clean.ts';
import {fixedStrings} from './fix-quoted-strings.ts';
import {emptySqlMigration, sqlMigration} from './write-sql.ts';
import {emptyTypescriptMigration, typescriptMigration} from './write-typescript.ts';

/** The formats with one file per migration. */
export type MigrationFormat = Exclude<FileFormat, 'wrangler'>;

/** The text of a new migration. */
export interface MigrationFiles {
	readonly text: string;
	/** The text of the file with the downgrade, if it is a separate file. */
	readonly downgrade?: string | undefined;
}

/** Details about the databases that a migration is written for. */
export interface TargetDatabases {
	/** The schema of this database, if it was changed outside lite-migr. The comments describe the losses in this database. */
	readonly found?: Schema | undefined;
	/** All schemas it must work on. Defaults to `from`. Each change of a whole table records the table's definitions in these schemas. */
	readonly fits?: readonly Schema[] | undefined;
	/** True if this database is on a server, which runs plain statements. The comments then describe these. */
	readonly portable?: boolean;
}

/**
 * Returns the text of a migration file for operations from a diff, with the downgrade. Comments explain why a table is rewritten, and what cannot be
 * undone.
 *
 * @param from the schema that the migration will run on
 */
export function writeMigration(
	format: MigrationFormat,
	from: Schema,
	operations: readonly Operation[],
	{found = from, fits = [from], portable = false}: TargetDatabases = {},
): string {
	const up = recordDefinitions(fits, operations);
	const reversed = reverseAll(fixedStrings(from), operations);
	const down = recordDefinitions(up.after, reversed);
	const comments = commentsFor(from, operations, {found, portable});
	if (format === 'ts') return typescriptMigration(comments.upgrade, up.operations, down.operations, comments.downgrade);
	const sections = {upgrade: {operations, fits}, downgrade: {operations: reversed, fits: up.after}};
	return sqlMigration(comments.upgrade, from, sections, comments.downgrade);
}

/** Returns a migration without operations. */
export function writeEmptyMigration(format: FileFormat): MigrationFiles {
	if (format === 'ts') return {text: emptyTypescriptMigration()};
	if (format === 'sql') return {text: emptySqlMigration()};
	return {text: '-- Statements for wrangler d1 migrations apply.\n', downgrade: '-- Statements for lite-migr downgrade.\n'};
}

/** Returns comments about rewrites, and about what a downgrade does not restore. */
export function commentsFor(
	from: Schema,
	operations: readonly Operation[],
	{found = from, portable = false}: Pick<TargetDatabases, 'found' | 'portable'>,
): {readonly upgrade: readonly string[]; readonly downgrade: readonly string[]} {
	const options = {portable, sqliteVersion: localSqliteVersion()};
	const planned = plan(from, operations, options);
	return {
		upgrade: commentsOn(found === from ? planned : plan(found, operations, options)).map(clean),
		downgrade: downgradeCommentsOn(planned).map(clean),
	};
}

function commentsOn({steps, hazards}: Plan): readonly string[] {
	const rewrites = steps.filter(({kind}) => kind === 'rewrite').map(({object, reason}) => `${object}: rewrite of the table, because ${reason}.`);
	const drops = hazards.flatMap((hazard) => {
		if (hazard.kind === 'dropTable') return [`${hazard.table}: dropped with its rows. A downgrade cannot restore them.`];
		if (hazard.kind === 'dropColumn') return [`${hazard.table}.${hazard.column}: dropped with its values. A downgrade cannot restore them.`];
		return hazard.kind === 'convert'
			? [`${hazard.table}.${hazard.column}: values are converted, ${hazard.rule}. A downgrade cannot restore the original spelling.`]
			: [];
	});
	return [...rewrites, ...drops];
}

function downgradeCommentsOn({hazards}: Plan): readonly string[] {
	return hazards.flatMap((hazard) => {
		if (hazard.kind === 'dropTable') return [`${hazard.table} comes back empty.`];
		return hazard.kind === 'dropColumn' ? [`${hazard.table}.${hazard.column} comes back without its values.`] : [];
	});
}
