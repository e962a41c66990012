import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {readStatement} from '../../../../source/core/ddl/read.ts';
import {MigrError} from '../../../../source/core/errors.ts';
import {readPythonModels} from '../../../../source/core/models/python/read.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

const head = 'from pylite_orm import DbField, DbModel, DbType, OnDelete, RelationField\n';

function read(text: string): readonly string[] {
	return readPythonModels([{path: 'models/user.py', text}]).map(({sql}) => sql);
}

function refusal(text: string): MigrError {
	try {
		read(text);
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
	throw new Error('nothing was refused');
}

describe('a model file is only read as text', () => {
	test('no code in it runs', () => {
		const folder = mkdtempSync(join(tmpdir(), 'lite-migr-python-'));
		const trace = join(folder, 'ran');
		const sql = read(
			`import os, subprocess
os.system('touch ${trace}')
subprocess.run(['touch', '${trace}'])
open('${trace}', 'w').close()
${head}
class User(DbModel):
    os.environ.get('x')
    id = DbField(default=os.system('touch ${trace}'), default_factory=lambda: open('${trace}', 'w'))
`.replace("    os.environ.get('x')\n", ''),
		);
		expect(sql).toEqual(['CREATE TABLE user (\n    id TEXT\n)']);
		expect(existsSync(trace)).toBe(false);
		rmSync(folder, {recursive: true});
	});

	test('names cannot break out of their quotes', () => {
		const sql = read(
			`${head}class User(DbModel):\n    id = DbField(relation='a"b; DROP TABLE x.c"); --')\n    class Meta:\n        table = 'x"; DROP TABLE y; --'\n`,
		);
		const db = openInMemory();
		for (const statement of sql) db.exec(statement);
		expect(db.all('SELECT name FROM sqlite_schema')).toEqual([{name: 'x"; DROP TABLE y; --'}]);
		expect(db.all('SELECT "table", "to" FROM pragma_foreign_key_list(?)', 'x"; DROP TABLE y; --')).toEqual([
			{table: 'a"b; DROP TABLE x', to: 'c"); --'},
		]);
		db.close();
	});

	test.each(['__proto__', 'constructor', 'toString', '__class__', 'hasOwnProperty'])('a field named %s is a field', (name) => {
		const [statement] = readPythonModels([
			{path: 'a.py', text: `${head}class User(DbModel):\n    id = DbField()\n    ${name} = DbField(db_type='real')\n`},
		]);
		expect(statement?.sql).toContain(`${name} REAL`);
		expect(Object.keys(statement?.columns ?? {})).toContain(name);
		expect(refusal(`${head}class User(DbModel):\n    id = DbField(db_type=${name})\n`).message).toContain('db_type cannot be determined');
		expect(refusal(`${head}class User(DbModel):\n    id = DbField(db_type=DbType.${name})\n`).message).toContain('pylite-orm does not have');
	});
});

describe('line breaks, tabs and marks do not matter', () => {
	const model = `${head}class User(DbModel):\n    """Doc\n    string"""\n    id = DbField(\n        db_type=DbType.INT,\n        pk=True,\n    )\n    name = DbField(db_type="te\\\nxt")\n`;
	const expected = ['CREATE TABLE user (\n    id INTEGER PRIMARY KEY,\n    name TEXT\n)'];

	test.each([
		['LF', model],
		['CRLF', model.replaceAll('\n', '\r\n')],
		['CR', model.replaceAll('\n', '\r')],
		['a byte order mark', `\uFEFF${model}`],
		['no final line break', model.trimEnd()],
		['form feeds', model.replace('    name', '\f\n  \f    name')],
		['tabs', model.replaceAll('        ', '\t\t').replaceAll('    ', '\t')],
	])('%s', (_name, text) => {
		expect(read(text)).toEqual(expected);
	});

	test('lines are counted the same way in all of them', () => {
		const text = `${head}\n\nclass User(DbModel):\n    id = DbField()\n    age = DbField(db_type=3)\n`;
		for (const end of ['\n', '\r\n', '\r']) expect(refusal(text.replaceAll('\n', end)).location).toMatchObject({line: 6, column: 19});
	});
});

describe('text that is not Python is rejected with its location', () => {
	test.each([
		['a bracket that is not closed', 'class User(DbModel):\n    id = DbField(\n    name = DbField()\n', 3],
		['an unterminated string', "class User(DbModel):\n    id = DbField(db_type='int)\n", 3],
		['an unterminated long string', 'class User(DbModel):\n    """Doc\n    id = DbField()\n', 3],
		['a line that is indented too far', 'class User(DbModel):\n    id = DbField()\n      name = DbField()\n', 4],
		['a line that falls between two indentations', 'class User(DbModel):\n        id = DbField()\n    name = DbField()\n', 4],
		['tabs mixed with spaces', 'class User(DbModel):\n\tid = DbField()\n        name = DbField()\n', 4],
		['a missing colon', 'class User(DbModel)\n    id = DbField()\n', 2],
		['a Python 2 print statement', 'print "x"\n', 2],
		['a name with invalid characters', 'class User(DbModel):\n    a\u3000b = DbField()\n', 3],
		[
			'a field that an unclosed bracket in a method would swallow',
			'class User(DbModel):\n    def f(self):\n        return (1\n    id = DbField()\n    x = DbField()\n',
			4,
		],
		['SQL', 'CREATE TABLE user (id INTEGER);\n', 2],
	])('%s', (_name, text, line) => {
		const {location, message} = refusal(head + text);
		expect(message).toBe('this is not Python that lite-migr can read');
		expect(location).toMatchObject({file: 'models/user.py', line});
	});

	test('syntax inside a function that the parser does not support is ignored', () => {
		const text = `${head}class User(DbModel):\n    def f(self):\n        yield\n        with (open(a) as b, c as d):\n            pass\n        return t"x"\n\n    id = DbField()\n`;
		expect(read(text)).toEqual(['CREATE TABLE user (\n    id TEXT\n)']);
	});
});

describe('extreme input is handled:', () => {
	test.each<[string, (depth: number) => string]>([
		['parentheses', (depth) => `${'('.repeat(depth)}1${')'.repeat(depth)}`],
		['lists', (depth) => `${'['.repeat(depth)}1${']'.repeat(depth)}`],
		['signs', (depth) => `${'-'.repeat(depth)}1`],
		['calls', (depth) => `${'f('.repeat(depth)}1${')'.repeat(depth)}`],
		['members', (depth) => `a${'.b'.repeat(depth)}`],
		['a sum', (depth) => `'a'${" + 'a'".repeat(depth)}`],
	])('deeply nested %s', (_name, nested) => {
		expect(refusal(`${head}X = ${nested(20_000)}\n`)).toMatchObject({message: 'this is not Python that lite-migr can read', location: {line: 2}});
		const expression = nested(150);
		expect(read(`${head}X = ${expression}\nclass User(DbModel):\n    id = DbField(default=${expression})\n`)).toHaveLength(1);
		expect(refusal(`${head}class User(DbModel):\n    id = DbField(db_type=${expression})\n`).message).toContain('User.id: db_type');
	});

	test('deeply nested blocks are rejected', () => {
		const text = Array.from({length: 150}, (_, depth) => `${' '.repeat(depth)}if x:\n`).join('');
		expect(refusal(`${text}${' '.repeat(150)}pass\n`).message).toBe('blocks are nested too deeply here');
	});

	test('a string that doubles repeatedly is not built', () => {
		const doubled = Array.from({length: 100}, (_, index) => `A${index + 1} = A${index} + A${index}\n`).join('');
		expect(refusal(`${head}A0 = 'x'\n${doubled}class User(DbModel):\n    id = DbField(db_type=A100)\n`).message).toContain(
			'User.id: db_type cannot be determined',
		);
	});

	test('a list that doubles repeatedly is not built', () => {
		const doubled = Array.from({length: 100}, (_, index) => `A${index + 1} = [*A${index}, *A${index}]\n`).join('');
		const text = `${head}A0 = ['id']\n${doubled}class User(DbModel):\n    id = DbField()\n    class Meta:\n        indexes = A30\n`;
		expect(refusal(text).message).toContain('User.Meta.indexes cannot be determined');
	});

	test('a long chain of names is followed or rejected', () => {
		const chain = Array.from({length: 5000}, (_, index) => `A${index + 1} = A${index}\n`).join('');
		expect(refusal(`${head}A0 = 'int'\n${chain}class User(DbModel):\n    id = DbField(db_type=A5000)\n`).message).toContain('cannot be determined');
	});

	test('a long chain of classes is followed or rejected', () => {
		const chain = Array.from({length: 2000}, (_, index) => `class A${index + 1}(A${index}):\n    f${index} = DbField()\n`).join('');
		expect(refusal(`${head}class A0(DbModel):\n    id = DbField()\n${chain}`).message).toContain('inherits from too many classes');
	});

	test('a thousand models are read quickly', () => {
		const text =
			head +
			Array.from(
				{length: 1000},
				(_, index) =>
					`class Model${index}(DbModel):\n${Array.from({length: 10}, (_each, field) => `    f${field} = DbField(db_type=DbType.INT)\n`).join('')}`,
			).join('');
		expect(read(text)).toHaveLength(1000);
	});
});

/** Pieces of models, so that random text gets further than its first word. */
const pieces = fc.constantFrom(
	...[
		'class ',
		'User',
		'Post',
		'(DbModel)',
		'(User)',
		':',
		'\n',
		'\n    ',
		'\n        ',
		'\t',
		'id',
		'name',
		' = ',
		'DbField(',
		'RelationField(',
		')',
		', ',
		'db_type=',
		'DbType.INT',
	],
	...[
		'pk=True',
		'nullable=False',
		"relation='user.id'",
		'on_delete=',
		'OnDelete.CASCADE',
		"'int'",
		'"""',
		"'",
		'f"{x}"',
		'class Meta:',
		"table = 'x'",
		'indexes = [',
		']',
		"('id', 'name')",
	],
	...[
		'if x:',
		'else:',
		'for a in b:',
		'def f():',
		'return',
		'@x',
		'# @renamed from=y',
		'#',
		'\\',
		'\r\n',
		'*',
		'**',
		'{',
		'}',
		'lambda: 1',
		'import a',
		'from . import b',
		'from pylite_orm import *',
		'1_000',
		'0x',
		'...',
		'None',
		'é',
		'\u0000',
		'\uD800',
		';',
	],
);

describe('any text gives models or an error with its location:', () => {
	const property = (text: string) => {
		try {
			for (const {sql, source} of readPythonModels([{path: 'm/a.py', text}])) {
				expect(source).toEqual({file: 'm/a.py', line: expect.any(Number)});
				expect(readStatement(sql)).toBeDefined();
			}
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			if (error.code === 'syntax') return;
			expect(error.code).toBe('model');
			expect(error.location).toEqual({file: 'm/a.py', line: expect.any(Number), column: expect.any(Number)});
			expect(error.location?.line).toBeGreaterThan(0);
			expect(error.location?.line).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
		}
	};

	test('random characters', () => {
		fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), property), {numRuns: 3000});
	});

	test('pieces of models in any order', () => {
		fc.assert(
			fc.property(fc.array(pieces, {maxLength: 60}), (parts) => property(head + parts.join(''))),
			{numRuns: 3000},
		);
	});

	test('models with a character removed, inserted or changed', () => {
		const model = `${head}from .base import Base, KIND as K\n\nclass User(DbModel):\n    """Doc."""\n    id: int = DbField(pk=True)  # @renamed from=key\n    name = DbField(db_type=DbType.TEXT, nullable=False, default='x' 'y')\n    user_id = DbField(None, "int", relation='user.id', on_delete=OnDelete.CASCADE)\n    posts: list['Post'] = RelationField(fk='user_id')\n\n    class Meta(DbModel.Meta):\n        table = 'people'\n        indexes = ['name', ('name', 'user_id')]\n\n    def f(self):\n        return [x for x in self.posts if x]\n`;
		const place = fc.integer({min: 0, max: model.length});
		fc.assert(
			fc.property(place, fc.integer({min: 0, max: 4}), fc.oneof(pieces, fc.string({maxLength: 3}), fc.constant('')), (at, length, text) =>
				property(model.slice(0, at) + text + model.slice(at + length)),
			),
			{numRuns: 3000},
		);
	});
});
