import {describe, expect, test} from 'vitest';
import {MigrError} from '../../../../source/core/errors.ts';
import {readPythonModels} from '../../../../source/core/models/python/read.ts';

const head = 'from pylite_orm import DbField, DbModel, DbType, OnDelete, RelationField\n';

interface Refusal {
	readonly message: string;
	readonly hint: string | undefined;
	readonly at: string;
}

function refusal(files: string | Readonly<Record<string, string>>): Refusal {
	const given = typeof files === 'string' ? {'models/user.py': head + files} : files;
	try {
		readPythonModels(Object.entries(given).map(([path, text]) => ({path, text})));
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		expect(error.code).toBe('model');
		const {file, line} = error.location ?? {};
		return {message: error.message, hint: error.hint, at: `${file}:${line}`};
	}
	throw new Error('nothing was refused');
}

/** A model whose first field is on line 3. */
const user = (...lines: string[]) => `class User(DbModel):\n${lines.map((line) => `    ${line}\n`).join('')}`;

describe('code that only Python can evaluate is rejected with file, line and a hint', () => {
	const cases: readonly (readonly [name: string, source: string, message: string, hint: string, line: number])[] = [
		[
			'a computed type',
			`${user('age = DbField(db_type=pick())')}`,
			'User.age: db_type cannot be determined without running Python: it is the result of pick()',
			'write db_type=DbType.TEXT, DbType.INT, DbType.REAL or DbType.BLOB',
			3,
		],
		[
			'an f-string',
			user("id = DbField(relation=f'{x}.id')"),
			'User.id: relation cannot be determined without running Python: it is an f-string',
			"write the table and the column: relation='user.id'",
			3,
		],
		[
			'an f-string without expressions',
			user("id = DbField(db_type=f'int')"),
			'User.id: db_type cannot be determined without running Python: it is an f-string',
			'write db_type=',
			3,
		],
		[
			'a computed flag',
			user('id = DbField(pk=bool(1))'),
			'User.id: pk cannot be determined without running Python: it is the result of bool()',
			'write pk=True or pk=False',
			3,
		],
		[
			'a conditional expression',
			user("id = DbField(db_type='int' if DEBUG else 'text')"),
			'User.id: db_type cannot be determined without running Python: it is a conditional expression',
			'write db_type=',
			3,
		],
		[
			'a formatted string',
			user("id = DbField(relation='%s.id' % 'user')"),
			'User.id: relation cannot be determined without running Python: it is a computed value',
			'relation=',
			3,
		],
		[
			'a method of a string',
			user("id = DbField(relation='.'.join(['a', 'b']))"),
			'User.id: relation cannot be determined without running Python: it is the result of ….join()',
			'relation=',
			3,
		],
		[
			'an undefined name',
			user('id = DbField(db_type=KIND)'),
			'User.id: db_type cannot be determined without running Python: it is KIND, which is not defined here',
			'write db_type=',
			3,
		],
		[
			'a name that is defined later',
			`${user('id = DbField(db_type=KIND)')}KIND = 'int'\n`,
			'User.id: db_type cannot be determined without running Python: it is KIND, which is not defined here',
			'write db_type=',
			3,
		],
		[
			'a name that is changed',
			`KIND = 'in'\nKIND += 't'\n${user('id = DbField(db_type=KIND)')}`,
			'User.id: db_type cannot be determined without running Python: it is KIND, which is changed by +=',
			'write db_type=',
			5,
		],
		[
			'a list that is changed',
			`NAMES = ['id']\nNAMES.append('name')\n${user('id = DbField()', 'class Meta:', '    indexes = NAMES')}`,
			'User.Meta.indexes cannot be determined without running Python: it is NAMES, which is changed later',
			'write a list of fields',
			7,
		],
		[
			'a name that is set conditionally',
			`if DEBUG:\n    KIND = 'int'\n${user('id = DbField(db_type=KIND)')}`,
			'User.id: db_type cannot be determined without running Python: it is KIND, which is set conditionally',
			'write db_type=',
			5,
		],
		[
			'a field created by a function',
			`def key(): return DbField()\n${user('id = key()')}`,
			'User.id cannot be determined without running Python: it is the result of key()',
			'write it out: id = DbField(db_type=DbType.TEXT)',
			4,
		],
		[
			'a field from a module that is not read',
			`from shop.fields import key\n${user('id = key')}`,
			'User.id cannot be determined without running Python: it is shop.fields.key',
			'write it out',
			4,
		],
		[
			'a field created by a partial',
			`import functools\nKey = functools.partial(DbField, pk=True)\n${user('id = Key()')}`,
			'User.id cannot be determined without running Python: it is the result of Key()',
			'write it out',
			5,
		],
		[
			'a field that is set conditionally',
			user('if DEBUG:', '    id = DbField()'),
			'User.id cannot be determined without running Python: it is id, which is set conditionally',
			'write it out',
			4,
		],
		[
			'fields created in a loop',
			user("for name in ('a', 'b'):", '    locals()[name] = DbField()'),
			'class User has an assignment to an attribute or element, whose effect cannot be determined',
			'one per line',
			4,
		],
		[
			'fields created by unpacking',
			user('a, b = DbField(), DbField()'),
			'User.a cannot be determined without running Python: it is a, which is set by unpacking',
			'write it out: a = DbField',
			3,
		],
		['a call in a class', user('id = DbField()', 'vars().update(x=DbField())'), 'class User has a call in the class body', 'one per line', 4],
		[
			'arguments after **',
			user('id = DbField(**options())'),
			'User.id: DbField: the value after ** cannot be determined without running Python: it is the result of options()',
			'write out the arguments',
			3,
		],
		[
			'a conditional class',
			`if DEBUG:\n    class User(DbModel):\n        id = DbField()\n`,
			'whether model User exists cannot be determined without running Python',
			'move the class out of the condition',
			3,
		],
		[
			'a class in a function',
			`def make():\n    class User(DbModel):\n        id = DbField()\n    return User\n`,
			'model User is inside a function, so whether it exists cannot be determined',
			'move it to the top level of the file',
			3,
		],
		[
			'a base that is set conditionally',
			`try:\n    from pylite_orm import DbModel as Base\nexcept ImportError:\n    Base = object\nclass User(Base):\n    id = DbField()\n`,
			'cannot determine whether class User is a model: its base is Base, which is set conditionally',
			'inherit from DbModel',
			6,
		],
		[
			'a base created by a call',
			`class User(make_base()):\n    id = DbField()\n`,
			'cannot determine whether class User is a model: its base is the result of make_base()',
			'inherit from DbModel',
			2,
		],
		[
			'a base that is not read',
			`from shop.base import Base\nclass User(Base):\n    id = DbField()\n`,
			'cannot determine whether class User is a model: its base shop.base.Base is not in the models folder',
			'move the base into the models folder',
			3,
		],
		[
			'a mixin that is not read',
			`from shop.base import Mixin\nclass User(DbModel, Mixin):\n    id = DbField()\n`,
			'the base shop.base.Mixin of model User is not in the models folder, so its fields are unknown',
			'write out its fields',
			3,
		],
		[
			'a decorator',
			`from shop import audited\n@audited\n${user('id = DbField()')}`,
			'the effect of @audited on class User cannot be determined without running Python',
			'remove the decorator',
			3,
		],
		[
			'a decorator defined in the file',
			`def audited(c): return c\n@audited\n${user('id = DbField()')}`,
			'the effect of @audited on class User',
			'remove the decorator',
			3,
		],
		['a metaclass', 'class User(DbModel, metaclass=M):\n    id = DbField()\n', 'class User has the argument metaclass', 'list only the bases', 2],
		['computed bases', 'class User(*BASES):\n    id = DbField()\n', 'cannot determine whether class User is a model', 'inherit from DbModel', 2],
		[
			'an overridden table_name',
			user('id = DbField()', '@classmethod', "def table_name(cls): return 'x'"),
			'class User overrides table_name',
			"class Meta: table = '…'",
			5,
		],
		[
			'an overridden __init_subclass__',
			user('id = DbField()', 'def __init_subclass__(cls): pass'),
			'class User overrides __init_subclass__',
			'write out the fields',
			4,
		],
		[
			'a computed table',
			user('id = DbField()', 'class Meta:', "    table = 'x'.upper()"),
			'User.Meta.table cannot be determined without running Python: it is the result of ….upper()',
			"write the name as a string: table = '…'",
			5,
		],
		[
			'a computed Meta',
			user('id = DbField()', 'Meta = make_meta()'),
			'User.Meta cannot be determined without running Python: it is the result of make_meta()',
			'write class Meta',
			4,
		],
		[
			'a Meta with calls',
			user('id = DbField()', 'class Meta:', '    indexes = []', "    indexes.append('id')"),
			'User.Meta has a call in the class body',
			'write literals',
			6,
		],
		[
			'computed indexes',
			user('id = DbField()', 'class Meta:', '    indexes = [n for n in COLUMNS]'),
			'User.Meta.indexes cannot be determined without running Python: it is a comprehension',
			'write a list of fields',
			5,
		],
		[
			'a computed index',
			user('id = DbField()', 'class Meta:', '    indexes = ["id", name()]'),
			'an element of User.Meta.indexes cannot be determined without running Python: it is the result of name()',
			'write a list of fields',
			5,
		],
		[
			'a Meta changed later',
			`${user('id = DbField()')}User.Meta.table = 'people'\n`,
			'model User is changed outside its class',
			'move the change into class User',
			4,
		],
		[
			'indexes changed later',
			`${user('id = DbField()')}User.Meta.indexes.append('id')\n`,
			'model User is changed outside its class',
			'move the change into class User',
			4,
		],
		[
			'a field set later',
			`${user('id = DbField()')}setattr(User, 'name', DbField())\n`,
			'model User is changed outside its class',
			'move the change into class User',
			4,
		],
		[
			'a field changed later',
			`${user('id = DbField()')}User.id.metadata['pk'] = True\n`,
			'model User is changed outside its class',
			'move the change into class User',
			4,
		],
		[
			'a model created by type()',
			"User = type('User', (DbModel,), {'id': DbField(pk=True)})\n",
			'a model created by type(…) cannot be read',
			'write it as a class',
			2,
		],
		[
			'a model base from a module that is not read',
			`from app.db import DbModel, DbField\n${user('id = DbField()')}`,
			'cannot determine whether class User is a model: its base app.db.DbModel is not in the models folder',
			'move the base into the models folder',
			3,
		],
		[
			'a base class from a module that is not read',
			`from app.db import Base, DbField\n${user('id = DbField()').replace('DbModel', 'Base')}`,
			'cannot determine whether class User is a model: its base app.db.Base is not in the models folder',
			'inherit from DbModel',
			3,
		],
		[
			'a base from one of two imports',
			`try:\n    from pylite_orm import DbModel, DbField\nexcept ImportError:\n    from app.db import DbModel, DbField\n${user('id = DbField()')}`,
			'cannot determine whether class User is a model: its base is DbModel, which is set conditionally',
			'inherit from DbModel',
			6,
		],
		[
			'a field deleted later',
			`${user('id = DbField()')}del User.id\n`,
			'model User is changed outside its class',
			'move the change into class User',
			4,
		],
	];
	test.each(cases)('%s', (_name, source, message, hint, line) => {
		const found = refusal(source);
		expect(found.message).toContain(message);
		expect(found.hint).toContain(hint);
		expect(found.at).toBe(`models/user.py:${line}`);
	});
});

describe('code that pylite-orm or SQLite would reject is rejected', () => {
	const cases: readonly (readonly [name: string, source: string, message: string, hint: string | undefined, line: number])[] = [
		['an unknown option', user('id = DbField(primary=True)'), 'User.id: DbField has no argument primary', 'use one of these arguments: db_column', 3],
		['a misspelled option', user('id = DbField(nulable=True)'), 'User.id: DbField has no argument nulable', 'did you mean nullable?', 3],
		['an option given twice', user('id = DbField(None, db_column=None)'), 'User.id: DbField: db_column is given twice', undefined, 3],
		['too many arguments', user('id = DbField(1, 2, 3, 4, 5, 6, 7, 8, 9)'), 'User.id: DbField takes at most 8 arguments', undefined, 3],
		[
			'a type that DbType does not have',
			user('id = DbField(db_type=DbType.INTEGER)'),
			'User.id: db_type cannot be determined without running Python: it is DbType.INTEGER, which pylite-orm does not have',
			'DbType.INT',
			3,
		],
		[
			'a type that is not a string',
			user('id = DbField(db_type=int)'),
			'User.id: db_type cannot be determined without running Python: it is int',
			'write db_type=',
			3,
		],
		['a type that is a number', user('id = DbField(db_type=3)'), 'User.id: db_type cannot be 3', 'write db_type=', 3],
		[
			'a type that would be SQL',
			user("id = DbField(db_type='int); DROP TABLE x; --')"),
			'User.id: db_type cannot be "int); DROP TABLE x; --"',
			'write db_type=',
			3,
		],
		['a type with another column', user("id = DbField(db_type='int, evil text')"), 'User.id: db_type cannot be', 'write db_type=', 3],
		['a relation without a column', user("id = DbField(relation='user')"), 'User.id: relation cannot be "user"', "relation='user.id'", 3],
		[
			'a relation with three parts',
			user("id = DbField(relation='main.user.id')"),
			'User.id: relation cannot be "main.user.id"',
			"relation='user.id'",
			3,
		],
		['a relation to a class', user('id = DbField(relation=DbModel)'), 'User.id: relation cannot be DbModel', "relation='user.id'", 3],
		[
			'an unknown on_delete',
			user("id = DbField(relation='user.id', on_delete='DELETE')"),
			'User.id: on_delete cannot be "DELETE"',
			'OnDelete.CASCADE',
			3,
		],
		[
			'SET NULL on a column that does not allow NULL',
			user("id = DbField(relation='user.id', on_delete=OnDelete.SET_NULL, nullable=False)"),
			'User.id is nullable=False, so ON DELETE SET NULL can never succeed',
			'nullable=False',
			3,
		],
		['a flag that is a string', user("id = DbField(nullable='no')"), 'User.id: nullable cannot be "no"', 'nullable=True', 3],
		['a field that is not called', user('id = DbField'), 'User.id is DbField itself', 'call it: id = DbField(…)', 3],
		['a model without fields', user('pass'), 'model User has no fields', 'DbField', 2],
		['two columns with the same name', user('name = DbField()', 'Name = DbField()'), 'User has two columns named Name', 'rename one', 4],
		[
			'an index on a missing column',
			user('id = DbField()', 'class Meta:', "    indexes = [('id', 'name')]"),
			'User.Meta.indexes names name, which is not a column of user',
			'use one of its columns: id',
			5,
		],
		[
			'an index that is a number',
			user('id = DbField()', 'class Meta:', '    indexes = [1]'),
			'an element of User.Meta.indexes cannot be 1',
			'write a list',
			5,
		],
		['indexes that are a string', user('id = DbField()', 'class Meta:', "    indexes = 'id'"), 'User.Meta.indexes cannot be "id"', 'write a list', 5],
		[
			'two indexes with the same name',
			user('a = DbField()', 'b = DbField()', 'a_b = DbField()', 'class Meta:', "    indexes = ['a_b', ('a', 'b')]"),
			'User.Meta.indexes defines two indexes named idx_user_a_b',
			'remove one of them',
			7,
		],
		[
			'a table name that is a number',
			user('id = DbField()', 'class Meta:', '    table = 1'),
			'User.Meta.table cannot be 1',
			'write the name as a string',
			5,
		],
		[
			'two models with the same name',
			`${user('id = DbField()')}${user('id = DbField()')}`,
			'two models are named User: the other is in models/user.py, line 2',
			'rename one of them',
			4,
		],
		[
			'two models of the same table',
			`${user('id = DbField()')}class Admin(DbModel):\n    id = DbField()\n    class Meta:\n        table = 'USER'\n`,
			'two models define table USER: the other is User in models/user.py, line 2',
			"class Meta: table = '…'",
			4,
		],
		[
			'bases in an impossible order',
			'class A(DbModel):\n    id = DbField()\nclass B(DbModel, A):\n    x = DbField()\n',
			'Python cannot order the bases of class B',
			'list a base after',
			4,
		],
		[
			'a model that inherits from itself',
			'class User(User):\n    id = DbField()\n',
			'cannot determine whether class User is a model: its base is User, which is not defined here',
			'inherit from DbModel',
			2,
		],
	];
	test.each(cases)('%s', (_name, source, message, hint, line) => {
		const found = refusal(source);
		expect(found.message).toContain(message);
		if (hint === undefined) expect(found.hint).toBeUndefined();
		else expect(found.hint).toContain(hint);
		expect(found.at).toBe(`models/user.py:${line}`);
	});
});

describe('with several files', () => {
	test('an error names its file', () => {
		const base = `${head}class Mixin:\n    id = DbField(pk=maybe())\n`;
		const found = refusal({
			'models/base.py': base,
			'models/user.py': `${head}from .base import Mixin\nclass User(DbModel, Mixin):\n    x = DbField()\n`,
		});
		expect(found).toMatchObject({
			message: expect.stringContaining('User.id: pk cannot be determined without running Python: it is the result of maybe()'),
			at: 'models/base.py:3',
		});
	});

	test('the error for a missing name says which module does not define it', () => {
		const found = refusal({'m/base.py': '', 'm/user.py': `${head}from .base import KIND\nclass User(DbModel):\n    x = DbField(db_type=KIND)\n`});
		expect(found.message).toContain('KIND, which m/base.py does not define');
	});

	test('models with the same name are an error that names both files', () => {
		const text = `${head}class User(DbModel):\n    id = DbField()\n`;
		expect(refusal({'m/a.py': text, 'm/b.py': text})).toMatchObject({
			message: 'two models are named User: the other is in m/a.py, line 2',
			at: 'm/b.py:2',
		});
	});

	test('circular inheritance is rejected', () => {
		const found = refusal({
			'm/a.py': `${head}from .b import B\nclass A(B):\n    x = DbField()\n`,
			'm/b.py': `${head}from .a import A\nclass B(A):\n    y = DbField()\n`,
		});
		expect(found.message).toMatch(/inherits from itself|cannot be determined/);
	});

	test('circular names are unknown', () => {
		const found = refusal({
			'm/a.py': `${head}from .b import KIND\nclass A(DbModel):\n    x = DbField(db_type=KIND)\n`,
			'm/b.py': 'from .a import KIND\n',
		});
		expect(found.message).toContain('db_type cannot be determined');
	});
});
