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
 * A database that drifted (the first schema of the case) is brought back to what its migrations made (the second) in the way that fits both: with
 * the same schema and rows as by the plain operations, and without any change where nothing drifted. Where the rows do not allow the change there is
 * nothing to compare.
 */
export async function checkCorrective(one: Case): Promise<void> {
	const texts = [one.from, one.to].map(sqlOfModel);
	// What another moment gives another value.
	if (texts.some((text) => /\bcurrent_/i.test(text))) return;
	const drifted = buildDatabase(one);
	const plainly = duplicateOf(drifted);
	const from = introspect(drifted);
	const made = schemaOfSql(texts[1] as string);
	const {operations, questions} = diff(from, made, {...noDecisions, noRenames: true, allowDrops: true});
	if (questions.length > 0 || !(await succeeds(plainly, from, operations))) return;
	const corrective = correctiveOperations(operations, from, made);
	const facts = () => `\n${texts.join('---\n')}\n${JSON.stringify({operations, corrective}, undefined, 1)}`;
	// Of a name only the case may change without an answer. That is a rename in one of the two alone, and where it does not fit nothing is written so.
	const renames = operations.some(({kind}) => kind === 'renameTable' || kind === 'renameColumn');
	if (corrective === undefined && !renames) throw new Error(`there is no rename, and yet nothing fits both${facts()}`);
	if (corrective === undefined || renames) return;

	for (const [what, db] of [
		['the drifted database', drifted],
		['one that has not drifted', plainly],
	] as const) {
		await execute(db, plan(introspect(db), corrective).steps).catch((error: unknown) => {
			throw new Error(`it does not fit ${what}: ${error}${facts()}`);
		});
	}
	// The rows of the second are those that the plain operations gave: nothing may have changed them.
	const given = buildDatabase(one);
	await succeeds(given, from, operations);
	const wanted = contents(given);
	if (!sameSchema(introspect(drifted), introspect(given)) || contents(drifted) !== wanted)
		throw new Error(`the drifted database is another one now\n${wanted}\nbut\n${contents(drifted)}${facts()}`);
	if (!sameSchema(introspect(plainly), introspect(given)) || contents(plainly) !== wanted)
		throw new Error(`the one that had not drifted was changed\n${wanted}\nbut\n${contents(plainly)}${facts()}`);
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
