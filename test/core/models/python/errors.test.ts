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

describe('what only running Python could tell is refused, with file, line and what to write instead', () => {
	const cases: readonly (readonly [name: string, source: string, message: string, hint: string, line: number])[] = [
		[
			'a computed type',
			`${user('age = DbField(db_type=pick())')}`,
			'User.age: db_type cannot be known without running Python: it is what pick() returns',
			'write db_type=DbType.TEXT, DbType.INT, DbType.REAL or DbType.BLOB',
			3,
		],
		[
			'an f-string',
			user("id = DbField(relation=f'{x}.id')"),
			'User.id: relation cannot be known without running Python: it is an f-string',
			"write the table and the column: relation='user.id'",
			3,
		],
		[
			'an f-string without gaps',
			user("id = DbField(db_type=f'int')"),
			'User.id: db_type cannot be known without running Python: it is an f-string',
			'write db_type=',
			3,
		],
		[
			'a computed flag',
			user('id = DbField(pk=bool(1))'),
			'User.id: pk cannot be known without running Python: it is what bool() returns',
			'write pk=True or pk=False',
			3,
		],
		[
			'a choice',
			user("id = DbField(db_type='int' if DEBUG else 'text')"),
			'User.id: db_type cannot be known without running Python: it is a conditional expression',
			'write db_type=',
			3,
		],
		[
			'a formatted string',
			user("id = DbField(relation='%s.id' % 'user')"),
			'User.id: relation cannot be known without running Python: it is a computed value',
			'relation=',
			3,
		],
		[
			'a method of a string',
			user("id = DbField(relation='.'.join(['a', 'b']))"),
			'User.id: relation cannot be known without running Python: it is what ….join() returns',
			'relation=',
			3,
		],
		[
			'a name that is not set',
			user('id = DbField(db_type=KIND)'),
			'User.id: db_type cannot be known without running Python: it is KIND, which is not set here',
			'write db_type=',
			3,
		],
		[
			'a name that is set only later',
			`${user('id = DbField(db_type=KIND)')}KIND = 'int'\n`,
			'User.id: db_type cannot be known without running Python: it is KIND, which is not set here',
			'write db_type=',
			3,
		],
		[
			'a name that is changed',
			`KIND = 'in'\nKIND += 't'\n${user('id = DbField(db_type=KIND)')}`,
			'User.id: db_type cannot be known without running Python: it is KIND, which is changed by +=',
			'write db_type=',
			5,
		],
		[
			'a list that is changed',
			`NAMES = ['id']\nNAMES.append('name')\n${user('id = DbField()', 'class Meta:', '    indexes = NAMES')}`,
			'User.Meta.indexes cannot be known without running Python: it is NAMES, which is changed later',
			'write a list of fields',
			7,
		],
		[
			'a name set under a condition',
			`if DEBUG:\n    KIND = 'int'\n${user('id = DbField(db_type=KIND)')}`,
			'User.id: db_type cannot be known without running Python: it is KIND, which is set under a condition',
			'write db_type=',
			5,
		],
		[
			'a field made by a function',
			`def key(): return DbField()\n${user('id = key()')}`,
			'User.id cannot be known without running Python: it is what key() returns',
			'write it out: id = DbField(db_type=DbType.TEXT)',
			4,
		],
		[
			'a field from a module that is not read',
			`from shop.fields import key\n${user('id = key')}`,
			'User.id cannot be known without running Python: it is shop.fields.key',
			'write it out',
			4,
		],
		[
			'a field made by a partial',
			`import functools\nKey = functools.partial(DbField, pk=True)\n${user('id = Key()')}`,
			'User.id cannot be known without running Python: it is what Key() returns',
			'write it out',
			5,
		],
		[
			'a field made under a condition',
			user('if DEBUG:', '    id = DbField()'),
			'User.id cannot be known without running Python: it is id, which is set under a condition',
			'write it out',
			4,
		],
		[
			'fields made in a loop',
			user("for name in ('a', 'b'):", '    locals()[name] = DbField()'),
			'class User has an assignment to a part of something, and what that does cannot be known',
			'one a line',
			4,
		],
		[
			'fields made at once',
			user('a, b = DbField(), DbField()'),
			'User.a cannot be known without running Python: it is a, which is set with others at once',
			'write it out: a = DbField',
			3,
		],
		['a call in a class', user('id = DbField()', 'vars().update(x=DbField())'), 'class User has a call in the body of the class', 'one a line', 4],
		[
			'arguments behind **',
			user('id = DbField(**options())'),
			'User.id: DbField: what ** brings cannot be known without running Python: it is what options() returns',
			'write the arguments out',
			3,
		],
		[
			'a class under a condition',
			`if DEBUG:\n    class User(DbModel):\n        id = DbField()\n`,
			'whether there is a model User cannot be known without running Python',
			'move the class out of the condition',
			3,
		],
		[
			'a class in a function',
			`def make():\n    class User(DbModel):\n        id = DbField()\n    return User\n`,
			'model User stands inside a function, so whether it exists cannot be known',
			'move it to the top level of the file',
			3,
		],
		[
			'a base set under a condition',
			`try:\n    from pylite_orm import DbModel as Base\nexcept ImportError:\n    Base = object\nclass User(Base):\n    id = DbField()\n`,
			'whether class User is a model cannot be known: its base is Base, which is set under a condition',
			'inherit from DbModel',
			6,
		],
		[
			'a base that is made by a call',
			`class User(make_base()):\n    id = DbField()\n`,
			'whether class User is a model cannot be known: its base is what make_base() returns',
			'inherit from DbModel',
			2,
		],
		[
			'a base that is not read',
			`from shop.base import Base\nclass User(Base):\n    id = DbField()\n`,
			'whether class User is a model cannot be known: its base shop.base.Base is not in the models folder',
			'move the base into the models folder',
			3,
		],
		[
			'a mixin that is not read',
			`from shop.base import Mixin\nclass User(DbModel, Mixin):\n    id = DbField()\n`,
			'the base shop.base.Mixin of model User is not in the models folder, so its fields are not known',
			'write its fields out',
			3,
		],
		[
			'a decorator',
			`from shop import audited\n@audited\n${user('id = DbField()')}`,
			'what @audited does with class User cannot be known without running Python',
			'take the decorator off',
			3,
		],
		[
			'a decorator of this file',
			`def audited(c): return c\n@audited\n${user('id = DbField()')}`,
			'what @audited does with class User',
			'take the decorator off',
			3,
		],
		['a metaclass', 'class User(DbModel, metaclass=M):\n    id = DbField()\n', 'class User has the argument metaclass', 'name the bases alone', 2],
		['computed bases', 'class User(*BASES):\n    id = DbField()\n', 'whether class User is a model cannot be known', 'inherit from DbModel', 2],
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
			'write the fields',
			4,
		],
		[
			'a computed table',
			user('id = DbField()', 'class Meta:', "    table = 'x'.upper()"),
			'User.Meta.table cannot be known without running Python: it is what ….upper() returns',
			"write the name down: table = '…'",
			5,
		],
		[
			'a computed Meta',
			user('id = DbField()', 'Meta = make_meta()'),
			'User.Meta cannot be known without running Python: it is what make_meta() returns',
			'write class Meta',
			4,
		],
		[
			'a Meta with calls',
			user('id = DbField()', 'class Meta:', '    indexes = []', "    indexes.append('id')"),
			'User.Meta has a call in the body of the class',
			'write literals',
			6,
		],
		[
			'computed indexes',
			user('id = DbField()', 'class Meta:', '    indexes = [n for n in COLUMNS]'),
			'User.Meta.indexes cannot be known without running Python: it is a comprehension',
			'write a list of fields',
			5,
		],
		[
			'a computed index',
			user('id = DbField()', 'class Meta:', '    indexes = ["id", name()]'),
			'an element of User.Meta.indexes cannot be known without running Python: it is what name() returns',
			'write a list of fields',
			5,
		],
		[
			'a Meta changed later',
			`${user('id = DbField()')}User.Meta.table = 'people'\n`,
			'model User is changed behind its class',
			'write it into class User',
			4,
		],
		[
			'indexes changed later',
			`${user('id = DbField()')}User.Meta.indexes.append('id')\n`,
			'model User is changed behind its class',
			'write it into class User',
			4,
		],
		[
			'a field set later',
			`${user('id = DbField()')}setattr(User, 'name', DbField())\n`,
			'model User is changed behind its class',
			'write it into class User',
			4,
		],
		[
			'a field changed later',
			`${user('id = DbField()')}User.id.metadata['pk'] = True\n`,
			'model User is changed behind its class',
			'write it into class User',
			4,
		],
		[
			'a model made by type()',
			"User = type('User', (DbModel,), {'id': DbField(pk=True)})\n",
			'a model that type(…) makes cannot be known',
			'write it as a class',
			2,
		],
		[
			'a model by way of a module that is not read',
			`from app.db import DbModel, DbField\n${user('id = DbField()')}`,
			'whether class User is a model cannot be known: its base app.db.DbModel is not in the models folder',
			'move the base into the models folder',
			3,
		],
		[
			'a field by way of a module that is not read',
			`from app.db import Base, DbField\n${user('id = DbField()').replace('DbModel', 'Base')}`,
			'whether class User is a model cannot be known: its base app.db.Base is not in the models folder',
			'inherit from DbModel',
			3,
		],
		[
			'a base that one of two imports brings',
			`try:\n    from pylite_orm import DbModel, DbField\nexcept ImportError:\n    from app.db import DbModel, DbField\n${user('id = DbField()')}`,
			'whether class User is a model cannot be known: its base is DbModel, which is set under a condition',
			'inherit from DbModel',
			6,
		],
		['a field deleted later', `${user('id = DbField()')}del User.id\n`, 'model User is changed behind its class', 'write it into class User', 4],
	];
	test.each(cases)('%s', (_name, source, message, hint, line) => {
		const found = refusal(source);
		expect(found.message).toContain(message);
		expect(found.hint).toContain(hint);
		expect(found.at).toBe(`models/user.py:${line}`);
	});
});

describe('what pylite-orm or SQLite would refuse is refused', () => {
	const cases: readonly (readonly [name: string, source: string, message: string, hint: string | undefined, line: number])[] = [
		['an unknown option', user('id = DbField(primary=True)'), 'User.id: DbField has no primary', 'it takes db_column', 3],
		['a misspelt option', user('id = DbField(nulable=True)'), 'User.id: DbField has no nulable', 'did you mean nullable?', 3],
		['an option given twice', user('id = DbField(None, db_column=None)'), 'User.id: DbField: db_column is given twice', undefined, 3],
		['too many values', user('id = DbField(1, 2, 3, 4, 5, 6, 7, 8, 9)'), 'User.id: DbField takes at most 8 values', undefined, 3],
		[
			'a type that DbType lacks',
			user('id = DbField(db_type=DbType.INTEGER)'),
			'User.id: db_type cannot be known without running Python: it is DbType.INTEGER, which pylite-orm does not have',
			'DbType.INT',
			3,
		],
		[
			'a type that is no text',
			user('id = DbField(db_type=int)'),
			'User.id: db_type cannot be known without running Python: it is int',
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
			'a relation of three parts',
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
			'SET NULL on a column that takes no NULL',
			user("id = DbField(relation='user.id', on_delete=OnDelete.SET_NULL, nullable=False)"),
			'User.id is nullable=False, so ON DELETE SET NULL could never be carried out',
			'nullable=False',
			3,
		],
		['a flag that is a string', user("id = DbField(nullable='no')"), 'User.id: nullable cannot be "no"', 'nullable=True', 3],
		['a field that is not called', user('id = DbField'), 'User.id is DbField itself', 'call it: id = DbField(…)', 3],
		['a model without fields', user('pass'), 'model User has no fields', 'DbField', 2],
		['two columns of one name', user('name = DbField()', 'Name = DbField()'), 'User has two columns named Name', 'rename one', 4],
		[
			'an index on no column',
			user('id = DbField()', 'class Meta:', "    indexes = [('id', 'name')]"),
			'User.Meta.indexes names name, which is no column of user',
			'its columns are id',
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
			'two indexes of one name',
			user('a = DbField()', 'b = DbField()', 'a_b = DbField()', 'class Meta:', "    indexes = ['a_b', ('a', 'b')]"),
			'User.Meta.indexes makes two indexes named idx_user_a_b',
			'leave one of them out',
			7,
		],
		[
			'a table name that is a number',
			user('id = DbField()', 'class Meta:', '    table = 1'),
			'User.Meta.table cannot be 1',
			'write the name down',
			5,
		],
		[
			'two models of one name',
			`${user('id = DbField()')}${user('id = DbField()')}`,
			'two models are named User: the other is in models/user.py, line 2',
			'rename the other',
			4,
		],
		[
			'two models of one table',
			`${user('id = DbField()')}class Admin(DbModel):\n    id = DbField()\n    class Meta:\n        table = 'USER'\n`,
			'two models make the table USER: the other is User in models/user.py, line 2',
			"class Meta: table = '…'",
			4,
		],
		[
			'bases in an impossible order',
			'class A(DbModel):\n    id = DbField()\nclass B(DbModel, A):\n    x = DbField()\n',
			'Python has no order for the bases of class B',
			'name a base behind',
			4,
		],
		[
			'a model that inherits from itself',
			'class User(User):\n    id = DbField()\n',
			'whether class User is a model cannot be known: its base is User, which is not set here',
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

describe('between files', () => {
	test('an error names the file that it is in', () => {
		const base = `${head}class Mixin:\n    id = DbField(pk=maybe())\n`;
		const found = refusal({
			'models/base.py': base,
			'models/user.py': `${head}from .base import Mixin\nclass User(DbModel, Mixin):\n    x = DbField()\n`,
		});
		expect(found).toMatchObject({
			message: expect.stringContaining('User.id: pk cannot be known without running Python: it is what maybe() returns'),
			at: 'models/base.py:3',
		});
	});

	test('a name that a module does not set is said to be missing there', () => {
		const found = refusal({'m/base.py': '', 'm/user.py': `${head}from .base import KIND\nclass User(DbModel):\n    x = DbField(db_type=KIND)\n`});
		expect(found.message).toContain('KIND, which m/base.py does not set');
	});

	test('two files with models of one name are named', () => {
		const text = `${head}class User(DbModel):\n    id = DbField()\n`;
		expect(refusal({'m/a.py': text, 'm/b.py': text})).toMatchObject({
			message: 'two models are named User: the other is in m/a.py, line 2',
			at: 'm/b.py:2',
		});
	});

	test('classes that inherit from each other in a circle are refused', () => {
		const found = refusal({
			'm/a.py': `${head}from .b import B\nclass A(B):\n    x = DbField()\n`,
			'm/b.py': `${head}from .a import A\nclass B(A):\n    y = DbField()\n`,
		});
		expect(found.message).toMatch(/inherits from itself|cannot be known/);
	});

	test('names that stand for each other in a circle are not known', () => {
		const found = refusal({
			'm/a.py': `${head}from .b import KIND\nclass A(DbModel):\n    x = DbField(db_type=KIND)\n`,
			'm/b.py': 'from .a import KIND\n',
		});
		expect(found.message).toContain('db_type cannot be known');
	});
});
