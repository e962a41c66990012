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
 * Checks that two changes in one migration do the same as in two migrations, including renames between copies. Skips the case if the two migrations
 * fail on the rows.
 */
export async function checkFolding(one: Case, next: NextChange): Promise<void> {
	const [texts, options] = [[one.from, one.to, next.to].map(sqlOfModel), {sqliteVersion: one.sqliteVersion}];
	// These values depend on the time.
	if (texts.some((text) => /\bcurrent_/i.test(text))) return;
	const apart = buildDatabase(one);
	const together = duplicateOf(apart);
	const from = introspect(apart);
	const first = diff(from, schemaOfSql(texts[1] as string), one.decisions);
	if (!(await succeeds(apart, plan(from, first.operations, options)))) return;
	const between = introspect(apart);
	const second = diff(between, schemaOfSql(texts[2] as string), next.decisions);
	if (!(await succeeds(apart, plan(between, second.operations, options)))) return;

	// Rows without a parent stop an upgrade, at its start or at its end.
	if (apart.tuples('PRAGMA foreign_key_check').length > 0) return;

	const operations = [...first.operations, ...second.operations];
	const planned = plan(from, operations, options);
	const facts = () => `\n${texts.join('---\n')}\n${JSON.stringify(operations, undefined, 1)}\n${stepsText(planned)}`;
	try {
		await execute(together, planned.steps);
	} catch (error) {
		throw new Error(`one migration fails: ${error}${facts()}`);
	}
	const [reached, expected] = [introspect(together), introspect(apart)];
	if (!sameSchema(reached, expected))
		throw new Error(`one migration gives another schema: ${JSON.stringify(diff(reached, expected).operations)}${facts()}`);
	// Two migrations change rowids if the key of a table changes in between or is dropped. One migration keeps them.
	const changesKey = (name: string) => {
		const id = next.to.tables.find((other) => sameName(other.name, name))?.id;
		const tables = [one.from, one.to, next.to].flatMap((model) => model.tables.filter((table) => table.id === id));
		const keys = tables.map(({key, columns, withoutRowid}) =>
			JSON.stringify([withoutRowid, key, columns.filter((column) => key?.columns.some((part) => part.column === column.id)).map(({type}) => type)]),
		);
		return new Set(keys).size > 1;
	};
	for (const {name, columns, withoutRowid} of expected.tables) {
		const shown = columns.map((column) => `typeof(${quoted(column.name)}) || ' ' || quote(${quoted(column.name)})`).join(', ');
		const rowid = changesKey(name) || withoutRowid || columns.some((column) => /^rowid$/i.test(column.name)) ? '0' : 'rowid';
		const select = `SELECT ${rowid}, ${shown} FROM ${quoted(name)}`;
		const [actualRows, expectedRows] = [readRows(together, select), readRows(apart, select)];
		if (actualRows.join('\n') !== expectedRows.join('\n'))
			throw new Error(`one migration gives other rows in ${name}\n${expectedRows.join('\n')}\nbut\n${actualRows.join('\n')}${facts()}`);
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
