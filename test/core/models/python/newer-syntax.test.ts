import {describe, expect, test} from 'vitest';
import {inOlderSyntax} from '../../../../source/core/models/python/newer-syntax.ts';
import {readPythonModels} from '../../../../source/core/models/python/read.ts';

const head = 'from pylite_orm import DbField, DbModel, DbType\n';
const model = 'class User(DbModel):\n    id = DbField(db_type=DbType.INT, pk=True)\n';

describe('Python that is newer than the parser is still read:', () => {
	test.each([
		['an f-string that contains its own quotes', `x = f"{names["a"]!r:>{width["b"]}} {f"{1}"} {{ {"}"} \\" end"\n`],
		['an f-string on several lines', `x = f'{\n  names['a']  # why }\n}'\n`],
		['a long f-string', `x = f'''\n {names["""a"""]} '\n{ "'''" }'''\n`],
		['a raw f-string', `x = rf"\\{names["a"]}\\d" fR'{1}'\n`],
		['a t-string', `x = t"hello {name}" rt'{1}' t'plain'\n`],
		['a default of a type parameter', `class Box[T = list[int]]: pass\ntype X[T = int] = list[T]\ndef f[T = int](x: T): ...\n`],
		['with on several managers', `with (\n    open("a)") as a,  # why )\n    b as c,\n): pass\n`],
	])('%s', (_, text) => {
		const statements = readPythonModels([{path: 'models/user.py', text: `${head}${text}${model}`}]);
		expect(statements.map(({source}) => source.line)).toEqual([text.split('\n').length + 1]);
	});

	test('other code and all lengths stay unchanged', () => {
		for (const text of [
			`x = "f'{a['b']}'" # f"{a["b"]}"\n`,
			`x = 'it\\'s' + "\\"" + '''a"b''c''' + r'\\'\n`,
			`xf"{1}"\nwith(a, b): pass\nclass A[T](B): pass\nx.type [0] = 1\n`,
			'x = f"never closed {a\n',
		]) {
			expect(inOlderSyntax(text)).toBe(text);
		}
		const long = `x = t"{a}" + f"{b["c"]}"; with (a as b): y = 'f"{x}"'\n`;
		expect(inOlderSyntax(long)).toHaveLength(long.length);
		expect(inOlderSyntax(long)).toContain(`'f"{x}"'`);
	});

	test('the time grows linearly with the length', () => {
		const half = 20_000;
		for (const hostile of ['f"{', "f'''", '(', 'with (', 'f"{x:{', '"', 'type A[', "f'{x}", '{{f"']) {
			const text = `x = ${hostile.repeat(half)}\n`;
			expect(inOlderSyntax(text)).toHaveLength(text.length);
		}
	});

	test('an f-string is still an unknown value', () => {
		const table = `    class Meta:\n        table = f"{names["a"]}"\n`;
		expect(() => readPythonModels([{path: 'models/user.py', text: head + model + table}])).toThrow('it is an f-string');
	});
});
