import fc from 'fast-check';

/** Names of tables and columns with a meaning in SQL. Prisma does not escape double quotes, so they are not among them. */
const oddNames = ['order', 'a b', "it's", 'größe', 'UPPER', 'rowid', 'x.y', '-', '1st', 'select', '[z]', '`q`', '%', '❄'];

const literals: Readonly<Record<string, readonly string[]>> = {
	String: [
		'""',
		'"x"',
		'"it\'s"',
		'"a\\nb"',
		'"\\"q\\""',
		'"NULL"',
		'"1"',
		'cuid()',
		'uuid()',
		'uuid(7)',
		'nanoid(9)',
		'ulid()',
		'dbgenerated("(hex(randomblob(4)))")',
	],
	Boolean: ['true', 'false', 'dbgenerated("(1 = 1)")'],
	Int: ['0', '-1', '0042', '2147483648', 'dbgenerated("(1 + 1)")', 'dbgenerated()'],
	BigInt: ['0', '-9223372036854775808', '9223372036854775807'],
	Float: ['0', '1', '-0.0', '0.10', '3.14159265358979', '100000000000000000000000'],
	Decimal: ['0', '1.50', '"2.500"', '"-1e2"', '"12E-4"', '000.1'],
	DateTime: ['now()', '"2024-02-29T23:59:59Z"', '"1999-12-31T00:00:00.5-11:30"', '"2000-01-01 00:00:00+14:00"', 'dbgenerated("(unixepoch())")'],
	Json: ['dbgenerated("\'{}\'")'],
	Bytes: ['""', '"AAEC"', 'dbgenerated("(x\'00\')")'],
};
const scalars = Object.keys(literals);
const actions = ['Cascade', 'Restrict', 'NoAction', 'SetNull', 'SetDefault'];

interface Column {
	readonly name: string;
	readonly type: string;
	readonly isOptional: boolean;
	readonly value: number | undefined;
	readonly map: string | undefined;
	readonly unique: '' | '@unique' | '@unique(sort: Desc)' | '@unique(map: )';
	readonly comment: string;
}

const column: fc.Arbitrary<Omit<Column, 'name'>> = fc.record({
	type: fc.constantFrom(...scalars, 'Kind', 'Unsupported("VARCHAR(9)")'),
	isOptional: fc.boolean(),
	value: fc.option(fc.nat(20), {nil: undefined}),
	map: fc.option(fc.constantFrom(...oddNames), {nil: undefined}),
	unique: fc.constantFrom<Column['unique']>('', '', '', '@unique', '@unique(sort: Desc)', '@unique(map: )'),
	comment: fc.constantFrom('', '', ' // c', ' /// d @id', ' // "'),
});

const model = fc.record({
	columns: fc.array(column, {minLength: 0, maxLength: 7}),
	key: fc.constantFrom('Int', 'Int auto', 'BigInt', 'BigInt auto', 'String', 'Bytes', 'DateTime', 'block', 'pair', 'pair reversed', 'unique'),
	map: fc.option(fc.constantFrom(...oddNames), {nil: undefined}),
	indexes: fc.array(
		fc.record({
			kind: fc.constantFrom('index', 'unique'),
			fields: fc.array(fc.nat(9), {minLength: 1, maxLength: 3}),
			desc: fc.nat(3),
			map: fc.boolean(),
		}),
		{maxLength: 3},
	),
	isIgnored: fc.constantFrom(false, false, false, true),
	keyMap: fc.option(fc.constantFrom('pk', 'ID', 'the key'), {nil: undefined}),
});

const relation = fc.record({
	kind: fc.constantFrom('many', 'many', 'one', 'join', 'unique'),
	from: fc.nat(9),
	to: fc.nat(9),
	isOptional: fc.boolean(),
	onDelete: fc.option(fc.constantFrom(...actions), {nil: undefined}),
	onUpdate: fc.option(fc.constantFrom(...actions), {nil: undefined}),
	map: fc.option(fc.constantFrom(...oddNames), {nil: undefined}),
	isNamed: fc.boolean(),
});

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

interface Shape {
	readonly models: readonly ValueOf<typeof model>[];
	readonly relations: readonly ValueOf<typeof relation>[];
	readonly mode: string;
}

/** Generates schemas for Prisma that it accepts. */
export const generatedSchema: fc.Arbitrary<string> = fc
	.record({
		models: fc.array(model, {minLength: 1, maxLength: 5}),
		relations: fc.array(relation, {maxLength: 6}),
		mode: fc.constantFrom('', '', '', '  relationMode = "prisma"\n', '  relationMode = "foreignKeys"\n'),
	})
	.map(schemaText);

interface Lines {
	readonly name: string;
	readonly lines: string[];
	/** The fields of the primary key, with their types. */
	readonly key: readonly (readonly [name: string, type: string])[];
	readonly isIgnored: boolean;
}

function schemaText({models, relations, mode}: Shape): string {
	// The order of the names is not that of the models, because the tables of many-to-many relations are named alphabetically.
	const names = ['Mid', 'alpha', 'Zulu', 'Beta', 'A1_x'];
	const blocks = models.map((each, at) => modelLines(names[at] ?? '', each));
	for (const [at, each] of relations.entries()) addRelation(blocks, each, at);
	const text = blocks.map(({name, lines}) => `model ${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`).join('\n');
	return `datasource db {\n  provider = "sqlite"\n${mode}}\n\nenum Kind {\n  One @map("it's one")\n  Two\n}\n\n${text}`;
}

function modelLines(name: string, {columns, key, map, indexes, isIgnored, keyMap}: Shape['models'][number]): Lines {
	const lines: string[] = [];
	const mapped = keyMap === undefined ? '' : ` @map("${keyMap}")`;
	const [type = '', auto] = key.split(' ');
	const keys: [string, string][] = [];
	if (type === 'pair') {
		keys.push(['k1', 'Int'], ['k2', 'String']);
		lines.push(`k1 Int${mapped}`, 'k2 String', `@@id([${auto === undefined ? 'k1, k2' : 'k2, k1'}])`);
	} else if (type === 'block' || type === 'unique') {
		keys.push(['k1', 'Int']);
		lines.push(`k1 Int${mapped}${type === 'unique' ? ' @unique' : ''}`, ...(type === 'block' ? ['@@id([k1])'] : []));
	} else {
		keys.push(['k1', type]);
		lines.push(`k1 ${type} @id${auto === undefined ? '' : ' @default(autoincrement())'}${mapped}`);
	}
	const used = new Set(['k1', 'k2', 'pk', 'id', 'the key']);
	const fields = columns.map((each, at) => {
		const own = `c${at}`;
		const isFree = each.map !== undefined && !used.has(each.map.toLowerCase());
		if (isFree) used.add((each.map ?? '').toLowerCase());
		lines.push(columnLine({...each, name: own, map: isFree ? each.map : undefined}, `${name}_${at}_uq`));
		return own;
	});
	const seen = new Set<string>();
	for (const [at, index] of indexes.entries()) {
		const chosen = [...new Set(index.fields.map((field) => fields[field % Math.max(fields.length, 1)] ?? 'k1'))];
		// Without a name, two indexes on the same fields would have the same one.
		const signature = `${index.kind} ${chosen.join()}`;
		const needsName = index.map || seen.has(signature) || chosen.length === 1;
		seen.add(signature);
		const parts = chosen.map((field, position) => (position === index.desc ? `${field}(sort: Desc)` : field));
		lines.push(`@@${index.kind}([${parts.join(', ')}]${needsName ? `, map: "${name} ${at}"` : ''})`);
	}
	if (map !== undefined) lines.push(`@@map("${map} of ${name}")`);
	if (isIgnored) lines.push('@@ignore');
	return {name, lines, key: type === 'unique' ? [] : keys, isIgnored};
}

function columnLine({name, type, isOptional, value, map, unique, comment}: Column, uniqueName: string): string {
	const defaults = type === 'Kind' ? ['One', 'Two', 'dbgenerated("\'Two\'")'] : (literals[type] ?? ['dbgenerated("\'x\'")']);
	const chosen = value === undefined ? '' : ` @default(${defaults[value % defaults.length]})`;
	const mapped = map === undefined ? '' : ` @map("${map}")`;
	const updated = type === 'DateTime' && value === 3 ? ' @updatedAt' : '';
	return `${name} ${type}${isOptional ? '?' : ''}${chosen}${mapped}${updated} ${unique.replace('map: ', `map: "${uniqueName}"`)}${comment}`.trimEnd();
}

function addRelation(
	blocks: readonly Lines[],
	{kind, from, to, isOptional, onDelete, onUpdate, map, isNamed}: Shape['relations'][number],
	at: number,
): void {
	const child = blocks[from % blocks.length];
	const parent = blocks[to % blocks.length];
	if (child === undefined || parent === undefined || parent.key.length === 0) return;
	const isSelf = child === parent;
	const ignored = (side: Lines, other: Lines) => (other.isIgnored && !side.isIgnored ? ' @ignore' : '');
	// A name is only optional for the first relation of two models, so all are named unless there is one.
	const name = `${isNamed ? 'r' : 'R r'}${at}`;
	if (kind === 'join') {
		if (child.key.length !== 1 || parent.key.length !== 1) return;
		child.lines.push(`r${at}b ${parent.name}[] @relation("${name}")${ignored(child, parent)}`);
		parent.lines.push(`r${at}a ${child.name}[] @relation("${name}")${ignored(parent, child)}`);
		return;
	}
	const columns = parent.key.map(([, type], position) => [`r${at}k${position}`, type] as const);
	const isLoose = isOptional || isSelf;
	for (const [position, [field, type]] of columns.entries()) {
		const isUnique = kind !== 'many' && columns.length === 1 ? ' @unique' : '';
		const mapped = map === undefined || position > 0 ? '' : ` @map("${map} ${at}")`;
		child.lines.push(`${field} ${type}${isLoose ? '?' : ''}${isUnique}${mapped}`);
	}
	if (kind !== 'many' && columns.length > 1) child.lines.push(`@@unique([${columns.map(([field]) => field).join(', ')}])`);
	// Prisma rejects SetNull for required fields, and cycles of actions in a self-relation only for other databases.
	const allowed = (action: string | undefined) => (action === 'SetNull' && !isLoose ? undefined : action);
	const extra = [['onDelete', allowed(onDelete)] as const, ['onUpdate', allowed(onUpdate)] as const]
		.flatMap(([key, action]) => (action === undefined ? [] : [`, ${key}: ${action}`]))
		.join('');
	const fields = columns.map(([field]) => field).join(', ');
	const references = parent.key.map(([field]) => field).join(', ');
	child.lines.push(
		`r${at}b ${parent.name}${isLoose ? '?' : ''} @relation("${name}", fields: [${fields}], references: [${references}]${extra})${ignored(child, parent)}`,
	);
	parent.lines.push(`r${at}a ${child.name}${kind === 'many' ? '[]' : '?'} @relation("${name}")${ignored(parent, child)}`);
}
