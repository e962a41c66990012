import fc from 'fast-check';

const literals = [
	'1',
	'5',
	'-1',
	'2.5',
	"'1'",
	"'05'",
	"'5.0'",
	"' 5'",
	"'a'",
	"'A'",
	"'a '",
	"'1e0'",
	"''",
	"x'61'",
	'NULL',
	'TRUE',
	"'0x5'",
	'1.0',
];
const collations = ['NOCASE', 'RTRIM', 'BINARY'];
const types = ['INTEGER', 'TEXT', 'REAL', 'NUMERIC', 'BLOB'];
const operators = ['=', '==', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'];

/** Expressions over the columns of one row, most of which compare values. They compute nothing that depends on the order of evaluation. */
export function expressionOver(columns: readonly string[]): fc.Arbitrary<string> {
	const all = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts);
	const {condition} = fc.letrec<{scalar: string; condition: string}>((tie) => {
		const [scalar, condition] = [tie('scalar'), tie('condition')];
		const column = fc.constantFrom(...columns);
		const leaf = fc.oneof({weight: 3, arbitrary: column}, {weight: 2, arbitrary: fc.constantFrom(...literals)});
		const collation = fc.constantFrom(...collations);
		return {
			scalar: fc.oneof(
				{depthSize: 'small', withCrossShrink: true},
				{weight: 6, arbitrary: leaf},
				all(scalar, fc.constantFrom(...types)).map(([value, type]) => `CAST(${value} AS ${type})`),
				scalar.map((value) => `+${value}`),
				all(scalar, collation).map(([value, name]) => `${value} COLLATE ${name}`),
				all(scalar, scalar).map(([a, b]) => `(${a} || ${b})`),
				scalar.map((value) => `lower(${value})`),
				scalar.map((value) => `(${value})`),
				scalar.map((value) => `likely(${value})`),
				all(scalar, scalar).map(([a, b]) => `coalesce(${a}, ${b})`),
				all(fc.constantFrom('nullif', 'max', 'min'), scalar, scalar).map(([name, a, b]) => `${name}(${a}, ${b})`),
				all(scalar, scalar, scalar, scalar).map(([base, when, a, b]) => `CASE ${base} WHEN ${when} THEN ${a} ELSE ${b} END`),
				condition.map((value) => `(${value})`),
			),
			condition: fc.oneof(
				{depthSize: 'small', withCrossShrink: true},
				{weight: 4, arbitrary: all(scalar, fc.constantFrom(...operators), scalar).map(([a, operator, b]) => `${a} ${operator} ${b}`)},
				all(scalar, fc.constantFrom('', 'NOT '), scalar, scalar).map(([a, not, b, c]) => `${a} ${not}BETWEEN ${b} AND ${c}`),
				all(scalar, fc.constantFrom('', 'NOT '), scalar, scalar).map(([a, not, b, c]) => `${a} ${not}IN (${b}, ${c})`),
				all(scalar, scalar).map(([a, b]) => `${a} IN (${b})`),
				all(scalar, fc.constantFrom('LIKE', 'GLOB', 'NOT LIKE'), scalar).map(([a, operator, b]) => `${a} ${operator} ${b}`),
				all(scalar, scalar, fc.constantFrom('=', '<', '>=', 'IS'), scalar, scalar).map(
					([a, b, operator, c, d]) => `(${a}, ${b}) ${operator} (${c}, ${d})`,
				),
				all(scalar, fc.constantFrom('IS NULL', 'IS NOT NULL', 'IS TRUE', 'IS NOT FALSE', 'NOT NULL')).map(([a, state]) => `${a} ${state}`),
				all(condition, fc.constantFrom('AND', 'OR'), condition).map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
				condition.map((value) => `NOT (${value})`),
				all(scalar, scalar, scalar).map(([a, b, c]) => `CASE WHEN ${a} = ${b} THEN ${c} END IS ${a}`),
			),
		};
	});
	return condition;
}
