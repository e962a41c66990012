import {expectTypeOf, test} from 'vitest';
import {any, blob, type InferInsert, type InferRow, integer, real, sql, table, text} from '../../../../source/index.ts';

const user = table('user', {
	id: integer().primaryKey(),
	name: text().notNull(),
	age: integer(),
	createdAt: text('created_at').notNull().default(sql`CURRENT_TIMESTAMP`),
	kind: text({enum: ['admin', 'guest']}).notNull(),
	role: text('user_role', {enum: ['a', 'b']}),
	score: real().default(0),
	photo: blob(),
	whatever: any().notNull(),
	settings: text().$type<`{${string}}`>().notNull(),
	initial: text().generatedAlwaysAs(sql`substr(name, 1, 1)`),
});

test('a row has the names and types that SQLite returns', () => {
	expectTypeOf<InferRow<typeof user>>().toEqualTypeOf<{
		id: number;
		name: string;
		age: number | null;
		created_at: string;
		kind: 'admin' | 'guest';
		user_role: 'a' | 'b' | null;
		score: number | null;
		photo: Uint8Array | null;
		whatever: string | number | bigint | Uint8Array;
		settings: `{${string}}`;
		initial: string | null;
	}>();
});

test('an insert may omit values that SQLite can fill in', () => {
	expectTypeOf<InferInsert<typeof user>>().toEqualTypeOf<{
		name: string;
		kind: 'admin' | 'guest';
		whatever: string | number | bigint | Uint8Array;
		settings: `{${string}}`;
		id?: number;
		age?: number | null;
		created_at?: string;
		user_role?: 'a' | 'b' | null;
		score?: number | null;
		photo?: Uint8Array | null;
	}>();
});

test('a text key is required in an insert, since it is not a rowid', () => {
	const tag = table('tag', {name: text().primaryKey()});
	expectTypeOf<InferInsert<typeof tag>>().toEqualTypeOf<{name: string}>();
});

test('options keep the types of the columns', () => {
	const strict = table('t', {a: integer().notNull()}).strict();
	expectTypeOf<InferRow<typeof strict>>().toEqualTypeOf<{a: number}>();
});
