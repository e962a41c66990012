import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {pulledDrizzle} from '../../../source/core/pull/drizzle.ts';
import {sameIndex, sameSchema, sameTable, sameView} from '../../../source/core/schema/equality.ts';
import {findIndex, findTable, findView} from '../../../source/core/schema/lookup.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {emptyModel, type Model} from '../../laws/generate/model.ts';
import {addIndex, addView, objectDice} from '../../laws/generate/objects.ts';
import {allStatements, statementsOfModel} from '../../laws/generate/render.ts';
import {addForeignKey, addTable, tableDice} from '../../laws/generate/tables.ts';
import {type Generation, generations, ourSchema, project} from '../models/drizzle/project.ts';

function generated(change: (model: Model) => void): fc.Arbitrary<Schema> {
	return fc
		.record({
			tables: fc.array(tableDice, {minLength: 1, maxLength: 3}),
			indexes: fc.array(objectDice, {maxLength: 3}),
			views: fc.array(objectDice, {maxLength: 2}),
		})
		.map((numbers) => {
			const model = emptyModel();
			const names = (): string[] => [...model.tables, ...model.indexes, ...model.views].map(({name}) => name);
			for (const table of numbers.tables) addTable(model, table, names());
			for (const [index, table] of model.tables.entries())
				for (const key of numbers.tables[index]?.foreignKeys ?? []) addForeignKey(model, table, key);
			for (const index of numbers.indexes) addIndex(model, index, names());
			for (const view of numbers.views) addView(model, view, names());
			change(model);
			return built(allStatements(statementsOfModel(model)));
		})
		.filter((schema) => schema !== undefined);
}

/** Not everything that is thrown together is a schema. */
function built(statements: readonly string[]): Schema | undefined {
	const db = openInMemory();
	try {
		for (const statement of statements) db.exec(statement);
		return introspect(db);
	} catch {
		return undefined;
	} finally {
		db.close();
	}
}

/** Removes everything that drizzle-orm cannot express from a schema. */
function sayable(model: Model, generation: Generation): void {
	for (const table of model.tables) {
		table.strict = false;
		table.withoutRowid = false;
		for (const column of table.columns) if (column.notNull !== undefined) column.notNull = {};
		if (table.key !== undefined) {
			const {columns, isInline, autoincrement, name} = table.key;
			if (autoincrement) for (const column of table.columns) column.collate = undefined;
			const key = columns.length > 1 ? (name ?? 'key') : autoincrement ? undefined : name;
			table.key = {columns: columns.map(({column}) => ({column})), isInline, autoincrement, name: generation === 0 ? undefined : key};
		}

		const uniques = table.uniques.map(({columns, isInline, name}, index) => ({
			columns: columns.map(({column}) => ({column})),
			isInline,
			name: columns.length > 1 ? (name ?? `unique ${index}`) : name,
		}));
		table.uniques = generation === 0 ? [] : uniques;
		table.checks = table.checks.map((check, index) => ({...check, name: check.name ?? `check ${index}`}));
		table.foreignKeys = table.foreignKeys.map(({columns, parent, parentColumns, actions}, index) => ({
			columns,
			parent,
			parentColumns,
			actions: actions.replace(/MATCH FULL|(?:NOT )?DEFERRABLE(?: INITIALLY DEFERRED)?/g, ''),
			name: generation === 0 ? undefined : `reference ${index}`,
		}));
	}

	model.views.forEach((view) => {
		view.columns = [];
	});
}

const numRuns = Number(process.env.LAWS ?? 50);

describe.each(generations)('a schema pulled for drizzle-orm of generation %s', {timeout: 120_000}, (generation) => {
	let count = 0;
	const readBack = (text: string): Promise<Schema> => {
		const file = `pulled-${count++}.ts`;
		return ourSchema(project(generation, {[file]: text}), file);
	};

	test('is the same when it is read again, if drizzle-orm supports all of it', async () => {
		const law = fc.asyncProperty(
			generated((model) => sayable(model, generation)),
			async (schema) => {
				const {text, rest, limitations} = pulledDrizzle(schema, generation);
				expect({rest, limitations}, text).toEqual({rest: [], limitations: []});
				const again = await readBack(text);
				expect(sameSchema(schema, again), text).toBe(true);
			},
		);
		await fc.assert(law, {numRuns});
	});

	test('is the same except for the tables that are reported', async () => {
		const law = fc.asyncProperty(
			generated(() => {}),
			async (schema) => {
				const {text, limitations} = pulledDrizzle(schema, generation);
				const again = await readBack(text);
				for (const table of schema.tables) {
					const read = findTable(again, table.name);
					const isNamed = limitations.some(({object}) => object === table.name || object.startsWith(`${table.name}.`));
					expect(read !== undefined && (isNamed || sameTable(table, read, schema, again)), `${table.sql}\n${text}`).toBe(true);
				}

				for (const index of schema.indexes) {
					const read = findIndex(again, index.name);
					// A column's collation may be unsupported, but the index has the same one.
					expect(read !== undefined && sameIndex(index, read, schema, schema), `${index.sql}\n${text}`).toBe(true);
				}

				for (const view of schema.views.filter(({columns}) => columns.length === 0)) {
					const read = findView(again, view.name);
					expect(read !== undefined && sameView(view, read), `${view.sql}\n${text}`).toBe(true);
				}
			},
		);
		await fc.assert(law, {numRuns});
	});
});
