import {diff} from '../../source/core/diff/diff.ts';
import {type Plan, plan} from '../../source/core/plan/plan.ts';
import {statementsOf} from '../../source/core/plan/statements.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted, sameName} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {readRows} from './contents.ts';
import {buildDatabase, duplicateOf, execute, schemaOfSql, sqlOfModel} from './database.ts';
import type {Case, NextChange} from './generate/case.ts';

/**
 * What a person writes into one migration, renames between copies included, does what the same does in two. Where the two fail on the rows, or where
 * a name stands for two things, there is nothing to compare.
 */
export async function checkFolding(one: Case, next: NextChange): Promise<void> {
	const [texts, options] = [[one.from, one.to, next.to].map(sqlOfModel), {sqliteVersion: one.sqliteVersion}];
	// What another moment gives another value.
	if (texts.some((text) => /\bcurrent_/i.test(text))) return;
	const apart = buildDatabase(one);
	const together = duplicateOf(apart);
	const from = introspect(apart);
	const first = diff(from, schemaOfSql(texts[1] as string), one.decisions);
	if (!(await succeeds(apart, plan(from, first.operations, options)))) return;
	const between = introspect(apart);
	const second = diff(between, schemaOfSql(texts[2] as string), next.decisions);
	if (!(await succeeds(apart, plan(between, second.operations, options)))) return;

	// Rows without a parent stop an upgrade, before it or at its end.
	if (apart.tuples('PRAGMA foreign_key_check').length > 0) return;

	const operations = [...first.operations, ...second.operations];
	const planned = plan(from, operations, options);
	const facts = () => `\n${texts.join('---\n')}\n${JSON.stringify(operations, undefined, 1)}\n${stepsText(planned)}`;
	try {
		await execute(together, planned.steps);
	} catch (error) {
		throw new Error(`together they fail: ${error}${facts()}`);
	}
	const [reached, wanted] = [introspect(together), introspect(apart)];
	if (!sameSchema(reached, wanted))
		throw new Error(`together they give another schema: ${JSON.stringify(diff(reached, wanted).operations)}${facts()}`);
	// A table whose key changes on the way, or goes, has other rowids then; as one change it keeps them.
	const changesKey = (name: string) => {
		const id = next.to.tables.find((other) => sameName(other.name, name))?.id;
		const tables = [one.from, one.to, next.to].flatMap((model) => model.tables.filter((table) => table.id === id));
		const keys = tables.map(({key, columns, withoutRowid}) =>
			JSON.stringify([withoutRowid, key, columns.filter((column) => key?.columns.some((part) => part.column === column.id)).map(({type}) => type)]),
		);
		return new Set(keys).size > 1;
	};
	for (const {name, columns, withoutRowid} of wanted.tables) {
		const shown = columns.map((column) => `typeof(${quoted(column.name)}) || ' ' || quote(${quoted(column.name)})`).join(', ');
		const rowid = changesKey(name) || withoutRowid || columns.some((column) => /^rowid$/i.test(column.name)) ? '0' : 'rowid';
		const select = `SELECT ${rowid}, ${shown} FROM ${quoted(name)}`;
		const [are, shouldBe] = [readRows(together, select), readRows(apart, select)];
		if (are.join('\n') !== shouldBe.join('\n'))
			throw new Error(`together they give ${name} other rows\n${shouldBe.join('\n')}\nbut\n${are.join('\n')}${facts()}`);
	}
	apart.close();
	together.close();
}

async function succeeds(db: Database, {steps}: Plan): Promise<boolean> {
	return execute(db, steps).then(
		() => true,
		() => false,
	);
}

function stepsText({steps}: Plan): string {
	return steps
		.map((step) => [`${step.strategy} ${step.object}: ${step.summary}`, ...statementsOf(step).map((sql) => `    ${sql}`)].join('\n'))
		.join('\n');
}
