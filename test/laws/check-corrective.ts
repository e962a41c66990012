import {diff} from '../../source/core/diff/diff.ts';
import {noDecisions} from '../../source/core/diff/question.ts';
import {correctiveOperations} from '../../source/core/migrations/drift/corrective.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {plan} from '../../source/core/plan/plan.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {readRows} from './contents.ts';
import {buildDatabase, duplicateOf, execute, schemaOfSql, sqlOfModel} from './database.ts';
import type {Case} from './generate/case.ts';

/**
 * Checks that corrective operations fix a database that has drifted (the first schema of the case) from its migrations (the second schema). They must
 * give the same schema and rows as the plain operations, and change nothing in a database without drift. Skips the case if the rows do not allow the
 * change.
 */
export async function checkCorrective(one: Case): Promise<void> {
	const texts = [one.from, one.to].map(sqlOfModel);
	// These values depend on the time.
	if (texts.some((text) => /\bcurrent_/i.test(text))) return;
	const drifted = buildDatabase(one);
	const plainly = duplicateOf(drifted);
	const from = introspect(drifted);
	const target = schemaOfSql(texts[1] as string);
	const {operations, questions} = diff(from, target, {...noDecisions, noRenames: true, allowDrops: true});
	if (questions.length > 0 || !(await succeeds(plainly, from, operations))) return;
	const corrective = correctiveOperations(operations, from, target);
	const facts = () => `\n${texts.join('---\n')}\n${JSON.stringify({operations, corrective}, undefined, 1)}`;
	// Without an answer, only the case of a name may change. That is a rename in only one of the two databases.
	// Operations that do not fit both databases are not written.
	const renames = operations.some(({kind}) => kind === 'renameTable' || kind === 'renameColumn');
	if (corrective === undefined && !renames) throw new Error(`nothing fits both databases, although there is no rename${facts()}`);
	if (corrective === undefined || renames) return;

	for (const [what, db] of [
		['the drifted database', drifted],
		['the database without drift', plainly],
	] as const) {
		await execute(db, plan(introspect(db), corrective).steps).catch((error: unknown) => {
			throw new Error(`the operations do not fit ${what}: ${error}${facts()}`);
		});
	}
	// The plain operations gave the rows of the second database. They must be unchanged.
	const given = buildDatabase(one);
	await succeeds(given, from, operations);
	const expected = contents(given);
	if (!sameSchema(introspect(drifted), introspect(given)) || contents(drifted) !== expected)
		throw new Error(`the drifted database has another schema or other rows\n${expected}\nbut\n${contents(drifted)}${facts()}`);
	if (!sameSchema(introspect(plainly), introspect(given)) || contents(plainly) !== expected)
		throw new Error(`the database without drift was changed\n${expected}\nbut\n${contents(plainly)}${facts()}`);
	for (const db of [drifted, plainly, given]) db.close();
}

function contents(db: Database): string {
	return introspect(db)
		.tables.map(({name, columns}) => {
			const shown = columns.map((column) => `typeof(${quoted(column.name)}) || ' ' || quote(${quoted(column.name)})`).join(', ');
			return `${name}\n${readRows(db, `SELECT ${shown} FROM ${quoted(name)}`).join('\n')}`;
		})
		.toSorted()
		.join('\n');
}

async function succeeds(db: Database, from: Schema, operations: readonly Operation[]): Promise<boolean> {
	return execute(db, plan(from, operations).steps).then(
		() => true,
		() => false,
	);
}
