import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {MigrError} from '../../../../source/core/errors.ts';
import {readPrismaModels} from '../../../../source/core/models/prisma/read.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const schemas = readdirSync(fixtures)
	.filter((name) => name.endsWith('.prisma'))
	.map((name) => readFileSync(join(fixtures, name), 'utf8'));

/** Reads a schema. Any error must be one that the user can understand, with a line of the file. */
function read(text: string): void {
	try {
		readPrismaModels([{path: 'schema.prisma', text}]);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		const {line = 0} = error.location ?? {};
		expect(error.code).toBe('model');
		expect(line).toBeGreaterThan(0);
		expect(line).toBeLessThanOrEqual(text.split(/\r\n|\n|\r/).length);
		expect(error.message).not.toMatch(/[\u0000-\u001f\u007f]/);
	}
}

const pieces = [
	'{',
	'}',
	'(',
	')',
	'[',
	']',
	',',
	':',
	'?',
	'!',
	'@',
	'@@',
	'.',
	'"',
	'\\',
	'//',
	'/*',
	'*/',
	'\n',
	'\r',
	' ',
	'\t',
	'-',
	'0',
	'\u0000',
	'é',
	'\ud800',
	'model',
	'=',
	'@renamed from=x',
];

test('a damaged schema is read, or reported with its line', () => {
	const damage = fc.record({schema: fc.constantFrom(...schemas), at: fc.nat(), remove: fc.nat(30), insert: fc.constantFrom('', ...pieces)});
	fc.assert(
		fc.property(damage, ({schema, at, remove, insert}) => {
			const place = at % schema.length;
			read(schema.slice(0, place) + insert + schema.slice(place + remove));
		}),
		{numRuns: 2000},
	);
});

test('any text is read, or reported with its line', () => {
	const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom('id Int @id', 'x String', 'enum E', 'A', '"b"'), fc.string()), {
		maxLength: 40,
	});
	fc.assert(
		fc.property(text, (parts) => read(`datasource db {\nprovider = "sqlite"\n}\nmodel A {\n${parts.join(' ')}\n}\n`)),
		{numRuns: 1000},
	);
});

test('names with any characters reach the definitions quoted', () => {
	const named = fc.string({minLength: 1, unit: 'grapheme'});
	fc.assert(
		fc.property(named, (name) => {
			const text = `datasource db {\nprovider = "sqlite"\n}\nmodel A {\nid Int @id @map(${JSON.stringify(name)})\n@@map(${JSON.stringify(name)})\n}\n`;
			const [table] = readPrismaModels([{path: 'schema.prisma', text}]);
			expect(table?.columns).toHaveProperty([name]);
		}),
	);
});

test('reads deep nesting and long lists without failing', () => {
	const deep = `datasource db {\nprovider = "sqlite"\n}\nmodel A {\nid Int @id @default(${'['.repeat(100_000)})\n}\n`;
	expect(() => readPrismaModels([{path: 'schema.prisma', text: deep}])).toThrow(MigrError);
	const long = Array.from({length: 3000}, (_, at) => `model M${at} {\n  id Int @id\n  name String @unique\n  @@index([name, id])\n}\n`).join('\n');
	expect(readPrismaModels([{path: 'schema.prisma', text: `datasource db {\n  provider = "sqlite"\n}\n${long}`}])).toHaveLength(9000);
});
