import {lexPrisma} from './lexer.ts';
import {parseAttribute, parseValue} from './parse-value.ts';
import {prismaError} from './prisma-error.ts';
import {type RenameComments, renameComments} from './rename-comments.ts';
import type {Attribute, Block, EnumBlock, EnumValue, Field, FieldType, ModelBlock, PrismaFile, SettingsBlock} from './syntax.ts';
import {described, type TokenReader, tokenReader} from './token-reader.ts';

/**
 * Reads a `.prisma` file as a syntax tree (https://www.prisma.io/docs/orm/prisma-schema/overview). Accepts everything that Prisma 7 accepts, and
 * attributes on several lines.
 *
 * @throws MigrError `model`, with file and line, if the text is not a Prisma schema
 */
export function parsePrisma(path: string, text: string): PrismaFile {
	const {tokens, comments} = lexPrisma(path, text);
	const reader = tokenReader(path, tokens);
	const renames = renameComments(path, comments);
	const blocks: Block[] = [];
	for (;;) {
		const before = reader.lastLine();
		reader.skipNewlines();
		if (reader.peek().kind === 'end') break;
		blocks.push(parseBlock(reader, renames, before));
	}
	renames.finish();
	return {path, blocks};
}

const keywords = ['model', 'view', 'type', 'enum', 'datasource', 'generator'] as const;

/** Reads a block. `before` is the last line of the block before it. */
function parseBlock(reader: TokenReader, renames: RenameComments, before: number): Block {
	const place = reader.place();
	const word = reader.next();
	const kind = keywords.find((keyword) => word.kind === 'name' && keyword === word.text);
	if (kind === undefined) {
		throw prismaError(place, `expected a block instead of ${described(word)}`, `start a block with ${keywords.join(', ')}, and a comment with //`);
	}
	const name = reader.expectName(`the name of the ${kind}`).text;
	if (kind === 'type' && reader.isAt('=')) throw prismaError(place, 'type aliases are not supported by Prisma', 'use the type itself in the fields');
	reader.expect('{', 'write { on the same line');
	const end = reader.peek();
	if (end.kind !== 'newline') {
		throw prismaError(reader.place(), `Prisma ignores ${described(end)}, because it is on the line of the {`, 'move it to the next line');
	}
	if (kind === 'enum') return parseEnum(reader, name, place);
	if (kind === 'datasource' || kind === 'generator') return parseSettings(reader, kind, name, place);
	return parseModel(reader, renames, {kind, name, place, before});
}

function parseModel(
	reader: TokenReader,
	renames: RenameComments,
	{kind, name, place, before}: Pick<ModelBlock, 'kind' | 'name' | 'place'> & {readonly before: number},
): ModelBlock {
	const fields: Field[] = [];
	const attributes: Attribute[] = [];
	let renamedFrom = renames.of({before, from: place.line, to: place.line});
	inBlock(reader, (previous) => {
		if (!reader.take('@@')) return fields.push(parseField(reader, renames, previous));
		const attribute = parseAttribute(reader);
		endLine(reader);
		// The table's name is usually in @@map, so that is where its old name may be as well.
		if (attribute.name === 'map') renamedFrom ??= renames.of({before: previous, from: attribute.place.line, to: reader.lastLine()});
		return attributes.push(attribute);
	});
	return {kind, name, place, fields, attributes, renamedFrom};
}

/** Reads the lines up to the closing brace. `read` gets the last line of the definition before. */
function inBlock(reader: TokenReader, read: (previous: number) => unknown): void {
	let previous = reader.lastLine();
	for (;;) {
		reader.skipNewlines();
		if (reader.take('}')) return;
		if (reader.peek().kind === 'end') throw prismaError(reader.place(), 'this block does not end', 'add a } on its own line');
		read(previous);
		previous = reader.lastLine();
	}
}

function parseField(reader: TokenReader, renames: RenameComments, before: number): Field {
	const place = reader.place();
	const name = reader.expectName('a field').text;
	if (/^\d|-/.test(name))
		throw prismaError(place, `${name} cannot be the name of a field`, 'use letters, digits and _, and use @map for the name of the column');
	if (reader.isAt(':')) throw prismaError(place, `there is a : after the field ${name}`, 'remove it: Prisma writes the type after a space');
	const {type, arity} = parseFieldType(reader, name);
	const attributes = parseFieldAttributes(reader);
	endLine(reader);
	return {name, place, type, arity, attributes, renamedFrom: renames.of({before, from: place.line, to: reader.lastLine()})};
}

function parseFieldType(reader: TokenReader, field: string): Pick<Field, 'type' | 'arity'> {
	const place = reader.place();
	if (reader.isAt('[')) throw prismaError(place, `the type of ${field} is in brackets`, 'write a list as Type[]');
	const word = reader.expectName(`the type of the field ${field}`).text;
	let type: FieldType = {kind: 'named', name: word};
	if (word === 'Unsupported' && reader.take('(')) {
		const text = reader.next();
		if (text.kind !== 'string') throw prismaError(place, 'Unsupported needs a type in double quotes', 'write Unsupported("TYPE")');
		reader.expect(')');
		type = {kind: 'unsupported', text: text.text};
	}
	if (reader.isAt('!')) throw prismaError(place, `there is a ! after the type of ${field}`, 'remove it: fields are required without it');
	if (reader.take('[')) {
		reader.expect(']');
		if (reader.isAt('?')) throw prismaError(place, `the list ${field} cannot be optional`, 'remove the ?');
		return {type, arity: 'list'};
	}
	return {type, arity: reader.take('?') ? 'optional' : 'required'};
}

function parseFieldAttributes(reader: TokenReader): readonly Attribute[] {
	const attributes: Attribute[] = [];
	while (reader.take('@')) attributes.push(parseAttribute(reader));
	return attributes;
}

function endLine(reader: TokenReader): void {
	const token = reader.peek();
	if (token.kind !== 'newline')
		throw prismaError(reader.place(), `expected the end of the line instead of ${described(token)}`, 'start a new line before it');
}

function parseEnum(reader: TokenReader, name: string, place: EnumBlock['place']): EnumBlock {
	const values: EnumValue[] = [];
	const attributes: Attribute[] = [];
	inBlock(reader, () => {
		if (reader.take('@@')) attributes.push(parseAttribute(reader));
		else {
			const valuePlace = reader.place();
			const value = reader.expectName('a value of the enum').text;
			values.push({name: value, place: valuePlace, attributes: parseFieldAttributes(reader)});
		}
		endLine(reader);
	});
	return {kind: 'enum', name, place, values, attributes};
}

function parseSettings(reader: TokenReader, kind: SettingsBlock['kind'], name: string, place: SettingsBlock['place']): SettingsBlock {
	const settings: SettingsBlock['settings'][number][] = [];
	inBlock(reader, () => {
		const settingPlace = reader.place();
		const setting = reader.expectName('a setting').text;
		reader.expect('=');
		settings.push({name: setting, value: parseValue(reader), place: settingPlace});
		endLine(reader);
	});
	return {kind, name, place, settings};
}
