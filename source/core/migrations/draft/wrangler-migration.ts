import {wranglerStatements} from '../../engines/d1/wrangler-file.ts';
import type {Operation} from '../../operations/operation.ts';
import {recordDefinitions} from '../../operations/recorded-definitions.ts';
import {reverseAll} from '../../operations/reverse.ts';
import {plan} from '../../plan/plan.ts';
import {literal, nameKey} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import {compile, needsGuards, type Precondition, type ScriptPart} from '../../script/compile.ts';
import {engineFeatures} from '../../script/engine-features.ts';
import {requireWithinLimits} from '../../script/limits.ts';
import {printScript} from '../../script/print.ts';
import {childrenOf} from '../../script/references.ts';
import type {ScriptStep} from '../../script/step-facts.ts';
import {clean} from '../../text/clean.ts';
import {fixedStrings} from '../files/fix-quoted-strings.ts';
import {proseComment} from '../files/section-markers.ts';
import {commentsFor, type MigrationFiles, type TargetDatabases} from '../files/write.ts';
import {changesComments} from '../files/write-sql.ts';
import {replay} from '../replay/replay.ts';

/**
 * Returns a migration as two guarded scripts for Cloudflare D1: the file that `wrangler d1 migrations apply` runs, and the downgrade. They keep every row
 * although D1 cannot switch foreign keys off.
 *
 * @param from the schema that the migration will run on
 * @throws MigrError `plan` if D1 or wrangler cannot run a statement
 */
export async function wranglerMigration(
	from: Schema,
	operations: readonly Operation[],
	{found = from, fits = [from]}: TargetDatabases = {},
): Promise<MigrationFiles> {
	const comments = commentsFor(from, operations, {found, portable: true});
	const {target} = plan(from, operations);
	const {after} = recordDefinitions(fits, operations);
	const reversed = reverseAll(fixedStrings(from), operations);
	return {
		text: await guardedText({from, operations, fits}, [
			'For wrangler d1 migrations apply. Keep the file unchanged once it is applied.',
			...comments.upgrade,
		]),
		downgrade: await guardedText({from: target, operations: reversed, fits: after}, ['Read by lite-migr, not by wrangler.', ...comments.downgrade]),
	};
}

interface Direction {
	readonly from: Schema;
	readonly operations: readonly Operation[];
	/** All schemas it must work on. */
	readonly fits: readonly Schema[];
}

async function guardedText({from, operations, fits}: Direction, comments: readonly string[]): Promise<string> {
	const {migrations, schema} = await replay(from, [{name: 'draft', path: 'draft', operations}], {portable: true});
	const steps = migrations.flatMap(({scriptSteps}) => scriptSteps);
	const sections = [{name: 'draft', steps, after: schema, record: []}];
	const all = compile({setup: [], preconditions: sameColumns(steps, fits), before: [], sections}, engineFeatures.d1);
	// Without guards, the first and the last part have nothing to do.
	const parts = (steps.some(needsGuards) ? all : all.slice(1, -1))
		.filter(({statements}) => statements.length > 0)
		.map((part): ScriptPart => ({...part, statements: wranglerStatements(part.statements)}));
	requireWithinLimits(
		parts.flatMap(({statements}) => statements),
		engineFeatures.d1,
		'D1',
	);
	const plain = steps.map(({step}) => step);
	return [
		...comments.map((line) => `${proseComment(clean(line))}\n`),
		changesComments(plain, fits),
		parts.length === 0 ? '' : `\n${printScript([{parts, isTransaction: true}], 'd1', proseComment)}`,
	].join('');
}

/**
 * Returns the preconditions that tables to copy still have the columns that the copy names, and the references that it shields: a column that another
 * migration added in the meantime would be lost, and so would the rows of a new child. lite-migr itself checks more, with the hashes in the comments.
 */
function sameColumns(steps: readonly ScriptStep[], fits: readonly Schema[]): readonly Precondition[] {
	const copied = new Set(steps.flatMap(({step}) => (step.kind === 'rewrite' || step.kind === 'editSchema' ? [step.table] : [])));
	return [...copied].flatMap((name): readonly Precondition[] => {
		const tables = fits.flatMap((schema) => findTable(schema, name) ?? []);
		if (tables.length === 0) return [];
		const columns = new Set(tables.map((table) => JSON.stringify(table.columns.map((column) => column.name))));
		return [
			{
				message: `${name} does not have the columns that this migration was written for`,
				fails: `(SELECT json_group_array(name) FROM pragma_table_xinfo(${literal(name)})) NOT IN (${[...columns].map(literal).join(', ')})`,
			},
			{
				message: `other tables refer to ${name} than those that this migration was written for`,
				fails: `(SELECT json_group_array(child) FROM (${referencesQuery(name)})) NOT IN (${[...new Set(fits.map((schema) => referencesTo(schema, name)))].map(literal).join(', ')})`,
			},
		];
	});
}

function referencesQuery(table: string): string {
	return `SELECT lower(s.name || '.' || p."from") AS child FROM sqlite_schema AS s JOIN pragma_foreign_key_list(s.name) AS p WHERE s.type = 'table' AND substr(s.name, 1, 4) <> '_cf_' AND lower(p."table") = ${literal(nameKey(table))} ORDER BY 1`;
}

/** Returns the result of the query in a schema. */
function referencesTo(schema: Schema, table: string): string {
	const columns = childrenOf(schema, table).flatMap(({table: child, keys}) =>
		keys.flatMap((key) => key.columns.map((name) => `${child.name}.${name}`)),
	);
	return JSON.stringify(columns.map(nameKey).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}
