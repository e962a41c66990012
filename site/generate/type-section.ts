import {firstSentence, tableOf} from '../markdown.ts';
import type {Declaration, Declarations, Node} from './declarations.ts';

/** A link to the section of a type, relative to the page that shows it. Undefined if no page describes the type. */
export type LinkTo = (target: Declaration) => string | undefined;

/** The input of a section. */
export interface SectionContext {
	readonly types: Declarations;
	readonly linkTo: LinkTo;
}

/** A field of an interface, with the declaration that its type is written in. */
interface Field {
	/** `applied[].name`, or `stored?` if it can be absent. */
	readonly path: string;
	readonly type: Node;
	readonly from: Declaration;
	readonly doc: string;
}

/** Returns the Markdown of a declaration, without its heading: its docstring, and its fields, members or TypeScript. */
export function sectionOf(declaration: Declaration, context: SectionContext): string {
	return [declaration.doc, bodyOf(declaration, context)].filter((part) => part !== '').join('\n\n');
}

/** True if the values of a type are plain data: an interface with fields only, or a type built from such types. */
export function isPlainData({nodes: [node], text}: Declaration): boolean {
	if (node === undefined || (node.typeParameters ?? null) !== null) return false;
	if (node.type === 'TSInterfaceDeclaration') {
		return membersOf(node).every((member) => member.type === 'TSPropertySignature' && !isComputed(member) && !isFunction(typeOf(member), text));
	}
	return node.type === 'TSTypeAliasDeclaration' && !isFunction(node.typeAnnotation as Node, text);
}

/** Returns every declaration that the text of a declaration names, once each. */
export function referencesOf(declaration: Declaration, {resolve}: Pick<Declarations, 'resolve'>): readonly Declaration[] {
	const names = declaration.nodes.flatMap((node) => nodesIn(node).flatMap((inner) => referenceName(inner) ?? []));
	return [...new Set(names.flatMap((name) => resolve(name, declaration) ?? []))].filter((target) => target !== declaration);
}

/** Returns the interfaces that an interface extends. */
export function basesOf(declaration: Declaration, {resolve}: Pick<Declarations, 'resolve'>): readonly Declaration[] {
	const {
		nodes: [node],
		name,
		file,
	} = declaration;
	const heritage = (node?.type === 'TSInterfaceDeclaration' ? node.extends : []) as readonly {readonly expression: {readonly name: string}}[];
	return heritage.map(({expression}) => {
		const base = resolve(expression.name, declaration);
		if (base === undefined) throw new Error(`${file}: ${name} extends ${expression.name}, which cannot be found`);
		return base;
	});
}

/** True for a declaration without a value. */
export function isType({nodes: [node]}: Declaration): boolean {
	return node?.type === 'TSInterfaceDeclaration' || node?.type === 'TSTypeAliasDeclaration';
}

/** Returns the members of a union of types: their literal value or their name, and the docstring before each. */
export function unionMembers(type: Node, from: Declaration, {docBefore}: Pick<Declarations, 'docBefore'>) {
	const members = type.type === 'TSUnionType' ? (type.types as readonly Node[]) : [type];
	return members.map((node) => ({node, literal: literalOf(node), doc: docBefore(node, from)}));
}

/** Returns the type of a field of a declaration, by the names of the fields that lead to it. */
export function typeOfField({nodes: [declaration], name}: Declaration, path: readonly string[]): Node {
	let members = declaration === undefined ? [] : membersOf(declaration);
	let type: Node | undefined;
	for (const field of path) {
		const member = members.find((each) => each.type === 'TSPropertySignature' && keyOf(each) === field);
		if (member === undefined) throw new Error(`${name} has no field ${path.join('.')}`);
		type = typeOf(member);
		members = type.type === 'TSTypeLiteral' ? membersOf(type) : [];
	}
	if (type === undefined) throw new Error('the path of the field is empty');
	return type;
}

function bodyOf(declaration: Declaration, context: SectionContext): string {
	const [node] = declaration.nodes;
	if (node === undefined || !isPlainData(declaration)) return sourceOf(declaration);
	if (node.type === 'TSInterfaceDeclaration') return fieldsTable(fieldsOf(declaration, context), context);
	const type = node.typeAnnotation as Node;
	const members = unionMembers(type, declaration, context.types);
	if (type.type === 'TSUnionType' && members.every(({node: member}) => referenceName(member) !== undefined)) {
		return `One of:\n\n${members.map((member) => `- ${typeText(member.node, declaration, context)}${summary(member.node, declaration, context)}`).join('\n')}`;
	}
	if (members.some(({doc}) => doc !== '')) {
		return tableOf(
			['value', 'description'],
			members.map(({node: member, doc}) => [typeText(member, declaration, context), cellOf(doc)]),
		);
	}
	return `Type: ${typeText(type, declaration, context)}`;
}

/** Returns the first sentence of the docstring of a type after a colon. */
function summary(node: Node, from: Declaration, {types}: SectionContext): string {
	const name = referenceName(node);
	const doc = name === undefined ? '' : (types.resolve(name, from)?.doc ?? '');
	return doc === '' ? '' : `: ${firstSentence(doc)}`;
}

function fieldsTable(fields: readonly Field[], context: SectionContext): string {
	const hasDescriptions = fields.some(({doc}) => doc !== '');
	return tableOf(
		['field', 'type', ...(hasDescriptions ? ['description'] : [])],
		fields.map(({path, type, from, doc}) => [`\`${path}\``, typeText(type, from, context), ...(hasDescriptions ? [cellOf(doc)] : [])]),
	);
}

/** Puts a docstring on one line. */
function cellOf(doc: string): string {
	return doc
		.replaceAll(/\n\n(?:- )?/g, '<br>')
		.replaceAll(/\n- /g, '<br>')
		.replaceAll('\n', ' ');
}

/** Returns the fields of an interface, followed by those it inherits. A field that is declared again without a docstring has the inherited one. */
function fieldsOf(declaration: Declaration, context: SectionContext): readonly Field[] {
	const [node] = declaration.nodes;
	if (node === undefined) return [];
	const inherited = basesOf(declaration, context.types).flatMap((base) => fieldsOf(base, context));
	const own = membersOf(node).flatMap((member) => fieldsAt(member, '', declaration, context));
	const isSame = (a: Field, b: Field) => a.path.replace(/\?$/, '') === b.path.replace(/\?$/, '');
	return [
		...own.map((field) => (field.doc === '' ? {...field, doc: inherited.find((other) => isSame(other, field))?.doc ?? ''} : field)),
		...inherited.filter((field) => !own.some((other) => isSame(other, field))),
	];
}

/** Returns a field, followed by the fields of the objects in it. Returns nothing for a field that never has a value. */
function fieldsAt(member: Node, prefix: string, from: Declaration, context: SectionContext): readonly Field[] {
	const type = member.optional === true ? withoutUndefined(typeOf(member)) : typeOf(member);
	if (type.type === 'TSNeverKeyword') return [];
	const path = `${prefix}${keyOf(member)}`;
	const field = {path: member.optional === true ? `${path}?` : path, type, from, doc: context.types.docBefore(member, from)};
	const inner = unwrapped(type);
	const fields = inner.node.type === 'TSTypeLiteral' ? membersOf(inner.node) : [];
	return [field, ...fields.flatMap((each) => fieldsAt(each, `${path}${inner.suffix}.`, from, context))];
}

/** Returns the type without the `| undefined` at its end, which means the same as an absent field. */
function withoutUndefined(type: Node): Node {
	const members = type.type === 'TSUnionType' ? (type.types as readonly Node[]) : [];
	const others = members.slice(0, -1);
	const last = others.at(-1);
	if (members.at(-1)?.type !== 'TSUndefinedKeyword' || last === undefined) return type;
	return others.length === 1 ? last : {...type, types: others, end: last.end};
}

/** Returns the type of the items of an array, or the type itself. */
function unwrapped(type: Node): {readonly node: Node; readonly suffix: string} {
	if (type.type === 'TSTypeOperator' && type.operator === 'readonly') return unwrapped(type.typeAnnotation as Node);
	if (type.type === 'TSArrayType') return {node: unwrapped(type.elementType as Node).node, suffix: '[]'};
	return {node: type, suffix: ''};
}

/** Returns a type as code, with a link for each type that has a section. Objects are `object`, because their fields are listed separately. */
function typeText(type: Node, from: Declaration, {types, linkTo}: SectionContext): string {
	const pieces: string[] = [];
	let code = '';
	let position = type.start;
	const flush = () => {
		const shown = code.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/\s+/g, ' ');
		if (shown.trim() !== '') pieces.push(`\`${shown}\``);
		code = '';
	};
	const visit = (node: Node): void => {
		const name = referenceName(node);
		const target = name === undefined ? undefined : types.resolve(name, from);
		const link = target === undefined ? undefined : linkTo(target);
		const isReadonly = node.type === 'TSTypeOperator' && node.operator === 'readonly';
		if (node.type === 'TSTypeLiteral' || link !== undefined || isReadonly) {
			code += from.text.slice(position, node.start);
			position = node.end;
		}
		if (node.type === 'TSTypeLiteral') {
			code += 'object';
		} else if (link !== undefined) {
			flush();
			pieces.push(`[\`${name}\`](${link})`);
			position = (node.typeName as Node).end;
		} else if (isReadonly) {
			const inner = node.typeAnnotation as Node;
			position = inner.start;
			visit(inner);
			return;
		}
		if (node.type !== 'TSTypeLiteral') for (const child of childrenOf(node)) visit(child);
	};
	visit(type);
	code += from.text.slice(position, type.end);
	flush();
	return pieces.join('');
}

/** Returns the TypeScript of a declaration with the docstrings inside it. */
function sourceOf({nodes, text}: Declaration): string {
	const source = nodes.map(({start, end}) => text.slice(start, end).replace(/^declare /, ''));
	return `\`\`\`ts\n${source.join('\n')}\n\`\`\``;
}

function membersOf(node: Node): readonly Node[] {
	if (node.type === 'TSTypeLiteral') return node.members as readonly Node[];
	return node.type === 'TSInterfaceDeclaration' ? ((node.body as Node).body as readonly Node[]) : [];
}

function typeOf(member: Node): Node {
	return (member.typeAnnotation as {readonly typeAnnotation: Node}).typeAnnotation;
}

function keyOf(member: Node): string {
	const key = member.key as {readonly name?: string; readonly value?: unknown};
	return key.name ?? String(key.value);
}

function isComputed(member: Node): boolean {
	return member.computed === true;
}

function isFunction(type: Node, text: string): boolean {
	return nodesIn(type).some(
		({type: kind, start, end}) => kind === 'TSFunctionType' || kind === 'TSMappedType' || text.slice(start, end) === 'symbol',
	);
}

function literalOf(node: Node): string | undefined {
	const value = node.type === 'TSLiteralType' ? (node.literal as {readonly value?: unknown}).value : undefined;
	return typeof value === 'string' ? value : undefined;
}

/** Returns the name of a type that a node refers to. */
function referenceName(node: Node): string | undefined {
	const name =
		node.type === 'TSTypeReference'
			? node.typeName
			: node.type === 'TSInterfaceHeritage' || node.type === 'TSClassImplements'
				? node.expression
				: null;
	return (name as {readonly name?: string} | null)?.name;
}

/** Returns a node and everything in it, in the order of the text. */
function nodesIn(node: Node): readonly Node[] {
	return [node, ...childrenOf(node).flatMap(nodesIn)];
}

function childrenOf(node: Node): readonly Node[] {
	return Object.values(node)
		.flat()
		.filter((value): value is Node => typeof value === 'object' && value !== null && 'type' in value && 'start' in value)
		.toSorted((a, b) => a.start - b.start);
}
