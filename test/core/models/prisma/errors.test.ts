import {describe, expect, test} from 'vitest';
import {modelFolder} from '../model-folder.ts';

const datasource = 'datasource db {\n  provider = "sqlite"\n}\n';

/** Returns the first error of a schema as one text: the line in the file, the message and the hint. */
async function failure(text: string): Promise<string> {
	const folder = modelFolder({'models/schema.prisma': text});
	const {place, message, hint, code} = await folder.failure();
	expect(code).toBe('model');
	return `${place.replace('models/schema.prisma:', '')} ${message}${hint === undefined ? '' : ` → ${hint}`}`;
}

/** Returns the error of the third line of a model that begins on line 4. */
const inModel = (line: string) => failure(`${datasource}model A {\n  id Int @id\n  ${line}\n}\n`);

describe('a datasource', () => {
	test.each([
		[
			'model A {\n  id Int @id\n}\n',
			'1 no Prisma schema here has a datasource → add the file with the datasource block to models_dir, or write datasource db { provider = "sqlite" }',
		],
		[
			'datasource db {\n  provider = "postgresql"\n}\n',
			'2 the datasource is for postgresql, but lite-migr only supports SQLite → set provider to "sqlite", or keep prisma migrate for this database and change models_dir',
		],
		['datasource db {\n  provider = env("DB")\n}\n', '2 provider must be in double quotes, not env() → write provider = "sqlite"'],
		['datasource db {\n  url = "file:x"\n}\n', '1 datasource db has no provider → write provider = "sqlite"'],
		[
			`${datasource}${datasource}`,
			'4 there are two datasources: the first is at models/schema.prisma:1 → set models_dir to the files of one Prisma schema',
		],
		['datasource db {\n  provider = "sqlite"\n  relationMode = "x"\n}\n', '3 relationMode cannot be "x" → use "foreignKeys" or "prisma"'],
	])('%j', async (text, expected) => {
		expect(await failure(text)).toBe(expected);
	});
});

describe('a field', () => {
	test.each([
		['b String[]', '6 Prisma does not support lists of values for SQLite: A.b → use a model with a relation, or a field of type Json'],
		[
			'b String @db.VarChar(9)',
			'6 @db.VarChar: Prisma has no native types for SQLite → remove it, or use Unsupported("TYPE") as the type of the field',
		],
		['b Strin', '6 A.b has the unknown type Strin → did you mean String?'],
		['b Foo', '6 A.b has the unknown type Foo → define it as a model or an enum; if it is in another file, add that file to models_dir'],
		['b String @uniqe', '6 unknown attribute @uniqe → did you mean @unique?'],
		['b String @default(1)', '6 1 is not a value of type String → write a text in double quotes'],
		['b Int @default(1.5)', '6 1.5 is not a value of type Int → write a whole number'],
		['b BigInt @default(9223372036854775808)', '6 9223372036854775808 is not a value of type BigInt → write a whole number'],
		['b Boolean @default("true")', '6 "true" is not a value of type Boolean → write true or false'],
		[
			'b DateTime @default("2026-02-30T00:00:00Z")',
			'6 "2026-02-30T00:00:00Z" is not a value of type DateTime → write a time with an offset, such as "2026-01-31T12:00:00Z"',
		],
		['b Json @default("{")', '6 "{" is not a value of type Json → write JSON in double quotes, such as "{\\"a\\": 1}"'],
		['b Bytes @default("?")', '6 "?" is not a value of type Bytes → write Base64 in double quotes'],
		['b Int @default(uuid())', '6 uuid() needs a field of type String: b → change the type or the default'],
		['b Int @default(autoincrement())', '6 autoincrement() needs a primary key in SQLite: b → add @id to the field, or remove the default'],
		['b Int @default(nowt())', '6 unknown function nowt() in @default → did you mean now()?'],
		[
			'b Int @default(dbgenerated("1; DROP TABLE x"))',
			'6 "1; DROP TABLE x" is not a valid SQLite default → write an expression in parentheses, such as dbgenerated("(unixepoch())")',
		],
		[
			'b Int @default(dbgenerated("1, c INT"))',
			'6 "1, c INT" is not a valid SQLite default → write an expression in parentheses, such as dbgenerated("(unixepoch())")',
		],
		['b Unsupported("INT) --")', '6 "INT) --" is not an SQLite type → write the type as in CREATE TABLE, without constraints'],
		['b Unsupported("INT UNIQUE")', '6 "INT UNIQUE" is not an SQLite type → write the type as in CREATE TABLE, without constraints'],
		['b Int @updatedAt', '6 @updatedAt needs a field of type DateTime: b → change the type, or remove @updatedAt'],
		['b Int @map("")', '6 name is empty → write a name, or remove it'],
		['b Int @map("ID")', '6 A.id and A.b have the same column ID → rename one of them: SQLite ignores case in names'],
		['id Int', '6 A has two fields id → remove or rename one of them'],
		['b Int @id', '6 A has two primary keys → write one @@id([…]) for several fields'],
		['b Int @unique(length: 3)', '6 Prisma does not support length in @unique for SQLite → remove length'],
		['b: Int', '6 there is a : after the field b → remove it: Prisma writes the type after a space'],
		['b Int!', '6 there is a ! after the type of b → remove it: fields are required without it'],
		['b [Int]', '6 the type of b is in brackets → write a list as Type[]'],
		['b Int c Int', '6 expected the end of the line instead of c → start a new line before it'],
		['b String @default("x)', '6 this text in double quotes does not end on its line → write a line break in it as \\n'],
		['b String @default("\\x")', '6 \\x is not an escape sequence → write a backslash in double quotes as \\\\'],
		['b A', '6 A.b has no field on the other side, in A → add a field of type A or A[] to A, or run prisma format'],
		['b Int @relation("x")', '6 A.b is not a relation: its type is not a model'],
	])('%s', async (line, expected) => {
		expect(await inModel(line)).toBe(expected);
	});
});

describe('an attribute of a model', () => {
	test.each([
		['@@index([b])', '6 @@index refers to A.b, which does not exist'],
		['@@index([ID])', '6 @@index refers to A.ID, which does not exist → did you mean id?'],
		['@@index([])', '6 @@index needs fields → write @@index([a, b])'],
		['@@index([id, id])', '6 @@index has the field id twice → remove one of them'],
		['@@index([id], nam: "x")', '6 index has no argument nam → did you mean name?'],
		['@@index([id], type: Hash)', '6 type cannot be Hash → use BTree'],
		['@@index([id], where: {id: {gt: 1}})', '6 the condition of id is not supported → use a value, {not: value} or raw("…")'],
		[
			'@@index([id], where: raw("id > 1; SELECT 1"))',
			'6 "id > 1; SELECT 1" is not a valid SQLite condition → write the condition as after WHERE in CREATE INDEX',
		],
		['@@fulltext([id])', '6 Prisma does not support @@fulltext for SQLite → remove it, and write a virtual table in a .sql file next to the schema'],
		['@@schema("x")', '6 @@schema is not supported: SQLite has no schemas → remove it'],
		['@@id([id], map: "pk")', '6 Prisma does not support map in @@id for SQLite → remove map'],
	])('%s', async (line, expected) => {
		expect(await inModel(line)).toBe(expected);
	});
});

describe('a schema', () => {
	test.each([
		['a block without its end', 'model A {\n  id Int @id\n', '6 this block does not end → add a } on its own line'],
		[
			'a field that Prisma ignores',
			'model A { id Int @id\n  b Int @unique\n}\n',
			'4 Prisma ignores id, because it is on the line of the { → move it to the next line',
		],
		[
			'an unknown block',
			'modle A {\n}\n',
			'4 expected a block instead of modle → start a block with model, view, type, enum, datasource, generator, and a comment with //',
		],
		[
			'a composite type',
			'type T {\n  a Int\n}\n',
			'4 type T: Prisma has composite types only for MongoDB → use a model with a relation, or a field of type Json',
		],
		[
			'a model that is defined twice',
			'model A {\n  id Int @id\n}\nmodel A {\n  id Int @id\n}\n',
			'7 model A is defined twice: first defined at models/schema.prisma:4 → remove or rename one of them',
		],
		[
			'two models with one table',
			'model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n  @@map("a")\n}\n',
			'7 table a is defined twice: first defined at models/schema.prisma:4 → remove or rename one of them',
		],
		[
			'two relations without names',
			'model A {\n  id Int @id\n  x B[]\n  y B[]\n}\nmodel B {\n  id Int @id\n  a A @relation(fields: [aId], references: [id])\n  aId Int\n}\n',
			'7 A.y and A.x are both relations to B → give each relation a different name on both sides: @relation("name")',
		],
		[
			'a relation without a key',
			'model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  a A\n}\n',
			'10 B.a does not say which fields store the key → add @relation(fields: [otherId], references: [id])',
		],
		[
			'a key that is not unique',
			'model A {\n  id Int @id\n  k Int\n  bs B[]\n}\nmodel B {\n  id Int @id\n  a A @relation(fields: [ak], references: [k])\n  ak Int\n}\n',
			'12 B.ak refers to A (k), which is neither its primary key nor unique → add a primary key, a UNIQUE constraint or a unique index on exactly these columns',
		],
		[
			'a many-to-many relation of a model with two keys',
			'model A {\n  a Int\n  b Int\n  bs B[]\n  @@id([a, b])\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n',
			'7 the many-to-many relation A.bs, models/schema.prisma:7 needs a primary key with one field in A → write a model for the join table, with a relation to each side',
		],
		['an enum without values', 'enum E {\n}\n', '4 enum E has no values → add a value, or remove the enum'],
		[
			'a value that the enum does not have',
			'enum E {\n  One\n  Two\n}\nmodel A {\n  id Int @id\n  e E @default(Three)\n}\n',
			'10 Three is not a value of the enum E → use One, Two',
		],
		[
			'a rename that belongs to nothing',
			'model A {\n  id Int @id\n  // @renamed from=x\n}\n',
			'6 this rename belongs to no field or model → write it on the line of the field or model, or above it',
		],
		['text that is not a schema', 'SELECT 1;\n', '4 ";" is not allowed here in a Prisma schema'],
		[
			'control characters',
			'model A {\n  id Int @id @map("\u001b[31m")\n}\n',
			'5 this text in double quotes does not end on its line → write a line break in it as \\n',
		],
	])('%s', async (_, text, expected) => {
		expect(await failure(datasource + text)).toBe(expected);
	});

	test('in several files is one schema, and an error names its file', async () => {
		const folder = modelFolder({
			'models/main.prisma': datasource,
			'models/a/user.prisma': 'model User {\n  id Int @id\n  posts Post[]\n}\n',
			'models/b/post.prisma': 'model Post {\n  id Int @id\n  user User @relation(fields: [userId], references: [id])\n  userId Int\n}\n',
		});
		const {tables} = await folder.load();
		expect(tables.map(({name}) => name)).toEqual(['User', 'Post']);
		folder.write({
			'models/b/post.prisma': 'model Post {\n  id Int @id\n  user User @relation(fields: [userid], references: [id])\n  userId Int\n}\n',
		});
		expect(await folder.failure()).toMatchObject({place: 'models/b/post.prisma:3', message: 'Post.user refers to Post.userid, which does not exist'});
	});

	test('in a folder with a script is an error, because the script would run', async () => {
		const folder = modelFolder({'models/schema.prisma': `${datasource}model User {\n  id Int @id\n}\n`, 'models/seed.ts': "throw new Error('ran')"});
		expect(await folder.failure()).toMatchObject({code: 'config', place: 'models/seed.ts'});
	});

	test('can be next to models in other languages, which refer to its tables', async () => {
		const folder = modelFolder({
			'models/schema.prisma': `${datasource}model User {\n  id Int @id\n}\n`,
			'models/extras.sql':
				'CREATE TABLE log (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES User (id));\nCREATE VIEW users AS SELECT id FROM User;\n',
		});
		expect(await folder.load()).toMatchObject({tables: [{name: 'log'}, {name: 'User'}], views: [{name: 'users'}]});
	});

	test('has the line of each table, column and index', async () => {
		const folder = modelFolder({'models/schema.prisma': `${datasource}model User {\n  id Int @id\n\n  name String @unique\n  @@index([name])\n}\n`});
		const {tables, indexes} = await folder.load();
		expect(tables[0]?.source?.line).toBe(4);
		expect(tables[0]?.columns.map(({source}) => source?.line)).toEqual([5, 7]);
		expect(indexes.map(({source}) => source?.line)).toEqual([7, 8]);
	});
});

test('JSON defaults are quoted, which Prisma forgets', async () => {
	const folder = modelFolder({
		'models/schema.prisma': `${datasource}model A {\n  id Int @id\n  a Json @default("{\\"it's\\": [1]}")\n  b Json @default("[]")\n}\n`,
	});
	const [table] = (await folder.load()).tables;
	expect(table?.columns.map((column) => column.default?.text)).toEqual([undefined, `'{"it''s": [1]}'`, "'[]'"]);
});

test('a comment that comments out a renamed field declares nothing', async () => {
	const folder = modelFolder({
		'models/schema.prisma': `${datasource}model A {\n  id Int @id // @renamed from="old id"\n  // b Int // @renamed from=c\n  /// @renamed from=d\n  e Int\n\n  @@map("a") // @renamed from=z\n}\n`,
	});
	const [table] = (await folder.load()).tables;
	expect(table?.renamedFrom).toBe('z');
	expect(table?.columns.map(({renamedFrom}) => renamedFrom)).toEqual(['old id', 'd']);
});
