import type {Operation} from '../../operations/operation.ts';
import {reverseAll} from '../../operations/reverse.ts';
import {type Plan, plan} from '../../plan/plan.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {mendedStrings} from './mended-strings.ts';
import {emptySqlMigration, sqlMigration} from './write-sql.ts';
import {emptyTypescriptMigration, typescriptMigration} from './write-typescript.ts';

export type MigrationFormat = 'ts' | 'sql';

/**
 * The text of a migration file for operations that come from a diff, with the way down, and with comments on what is not obvious:
 * why a table is rewritten, and what cannot be undone.
 *
 * @param from the schema that the migration will meet
 * @param found what it meets in the database at hand, where that was changed by other means: what is lost there is told
 */
export function writeMigration(format: MigrationFormat, from: Schema, upgrade: readonly Operation[], found: Schema = from): string {
	const planned = plan(from, upgrade);
	const downgrade = reverseAll(mendedStrings(from), upgrade);
	const comments = commentsOn(found === from ? planned : plan(found, upgrade)).map(clean);
	const downgradeComments = downgradeCommentsOn(planned).map(clean);
	return format === 'ts'
		? typescriptMigration(comments, upgrade, downgrade, downgradeComments)
		: sqlMigration(comments, from, upgrade, downgrade, downgradeComments);
}

/** A migration with nothing in it yet. */
export function writeEmptyMigration(format: MigrationFormat): string {
	return format === 'ts' ? emptyTypescriptMigration() : emptySqlMigration();
}

function commentsOn({steps, hazards}: Plan): readonly string[] {
	const rewrites = steps.filter(({kind}) => kind === 'rewrite').map(({object, reason}) => `${object}: rewrite of the table, because ${reason}.`);
	const drops = hazards.flatMap((hazard) => {
		if (hazard.kind === 'dropTable') return [`${hazard.table}: dropped with its rows; downgrade cannot bring them back.`];
		if (hazard.kind === 'dropColumn') return [`${hazard.table}.${hazard.column}: dropped with its values; downgrade cannot bring them back.`];
		return hazard.kind === 'convert'
			? [`${hazard.table}.${hazard.column}: values are converted, ${hazard.rule}; downgrade cannot tell how they were spelled.`]
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
