import {extname, sep} from 'node:path';
import type {Operation} from '../../operations/operation.ts';
import {type MigrationBuilder, recordOperations} from './builder.ts';
import type {MigrationFile} from './list.ts';

/**
 * How to read this file. A migration that `create` writes contains only calls of the builder with literals, so its operations can be read from the
 * text. That takes a tenth of the time of an import, and keeps no memory. Only text whose meaning is certain is accepted: comments, a type import,
 * the constants of a migration, and functions that consist of such calls. For everything else, the module is imported, which also reports its errors.
 */
export interface ConstantModule {
	readonly transaction: boolean;
	/** Undefined if the module does not export the function. */
	readonly upgrade: readonly Call[] | undefined;
	readonly downgrade: readonly Call[] | undefined;
}

/** One call of the builder. */
interface Call {
	readonly method: string;
	readonly arguments: readonly unknown[];
	/** The line of the method's name, 1-based. V8 reports the same line. */
	readonly line: number;
}

/** Reads a module that consists of constants. Returns undefined if it has to be imported. */
export function readConstantModule({path, text}: Pick<MigrationFile, 'path' | 'text'>): ConstantModule | undefined {
	const kind = moduleKinds[extname(path).toLowerCase()];
	// Node refuses to strip types under node_modules.
	if (kind === undefined || (kind === 'types' && path.includes(`${sep}node_modules${sep}`))) return undefined;
	const lines = text.replaceAll('\r\n', '\n');
	// Other line breaks would count as lines as well.
	if (/[\r\u2028\u2029\ufeff]/.test(lines)) return undefined;
	try {
		return readModule({text: lines, at: 0, hasTypes: kind === 'types'});
	} catch (error) {
		if (error instanceof NotConstant) return undefined;
		throw error;
	}
}

/** Makes the calls of a constant module. @throws MigrError `migration` for invalid arguments, like the builder itself */
export async function operationsOf(calls: readonly Call[], file: string): Promise<readonly Operation[]> {
	let line: number | undefined;
	const make = (op: MigrationBuilder) => {
		for (const call of calls) {
			line = call.line;
			(op[call.method as keyof MigrationBuilder] as (...values: readonly unknown[]) => void)(...call.arguments);
		}
	};
	return await recordOperations(make, file, () => ({file, ...(line === undefined ? {} : {line})}));
}

const moduleKinds: Readonly<Record<string, 'types' | 'plain'>> = {'.ts': 'types', '.mts': 'types', '.js': 'plain', '.mjs': 'plain'};

/** Methods whose arguments are literals. `run` takes code. */
const methods: ReadonlySet<string> = new Set([
	'createTable',
	'dropTable',
	'renameTable',
	'addColumn',
	'dropColumn',
	'renameColumn',
	'changeTable',
	'createIndex',
	'dropIndex',
	'createView',
	'dropView',
	'createTrigger',
	'dropTrigger',
	'execute',
] satisfies readonly (keyof MigrationBuilder)[]);

/** Thrown if the text is not known to be constant. Not an Error, whose stack trace would take longer than reading the file. */
class NotConstant {}

interface Reader {
	readonly text: string;
	at: number;
	/** True if the file may contain types. */
	readonly hasTypes: boolean;
}

const space = /(?:[ \t\n]+|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
const typeImport =
	/import type \{[ \t\n]*[A-Za-z_][\w]*(?:[ \t\n]*,[ \t\n]*[A-Za-z_][\w]*)*[ \t\n]*,?[ \t\n]*\} from (?:'[^'\\\n]*'|"[^"\\\n]*")(?:;|(?=[ \t]*\n))/y;
const transactionConstant = /export const transaction = (true|false);/y;
const squashesConstant = /export const squashes = \[(?:[ \t\n]*(?:'[^'\\\n]*'|"[^"\\\n]*")[ \t\n]*(?:,|(?=\])))*[ \t\n]*\];/y;
const functionHead = /export (?:async )?function (upgrade|downgrade)\((?:(_?op)(: ?[A-Za-z_]\w*)?)?\)(: ?(?:void|Promise<void>))? \{/y;
const callHead = /op\.([A-Za-z]+)\(/y;
const numberLiteral = /-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?![\w.])/y;
const key = /[A-Za-z_]\w*/y;
const word = /(?:true|false|null)(?!\w)/y;

function readModule(reader: Reader): ConstantModule {
	const found: {transaction?: boolean; squashes?: true; upgrade?: readonly Call[]; downgrade?: readonly Call[]} = {};
	for (skipSpace(reader); reader.at < reader.text.length; skipSpace(reader)) {
		if (reader.hasTypes && take(reader, typeImport) !== undefined) continue;
		const transaction = take(reader, transactionConstant)?.[1];
		if (transaction !== undefined) {
			if (found.transaction !== undefined) throw new NotConstant();
			found.transaction = transaction === 'true';
			continue;
		}
		if (take(reader, squashesConstant) !== undefined) {
			if (found.squashes === true) throw new NotConstant();
			found.squashes = true;
			continue;
		}
		const {name, isNamedOp} = readFunctionHead(reader);
		if (found[name] !== undefined) throw new NotConstant();
		const calls = readCalls(reader);
		if (calls.length > 0 && !isNamedOp) throw new NotConstant();
		found[name] = calls;
	}
	return {transaction: found.transaction !== false, upgrade: found.upgrade, downgrade: found.downgrade};
}

interface FunctionHead {
	readonly name: 'upgrade' | 'downgrade';
	/** True if the builder is called `op`, as in the calls. */
	readonly isNamedOp: boolean;
}

function readFunctionHead(reader: Reader): FunctionHead {
	const head = take(reader, functionHead);
	if (head === undefined) throw new NotConstant();
	const [, name, parameter, parameterType, resultType] = head;
	if (!reader.hasTypes && (parameterType ?? resultType) !== undefined) throw new NotConstant();
	return {name: name as FunctionHead['name'], isNamedOp: parameter === 'op'};
}

/** Reads the calls up to the end of the function. Each ends with a semicolon or a line break. */
function readCalls(reader: Reader): readonly Call[] {
	const calls: Call[] = [];
	let known = {at: 0, line: 1};
	for (;;) {
		skipSpace(reader);
		if (skip(reader, '}')) return calls;
		const start = reader.at;
		const method = take(reader, callHead)?.[1] ?? '';
		if (!methods.has(method)) throw new NotConstant();
		known = {at: start, line: known.line + lineBreaks(reader.text, known.at, start)};
		calls.push({method, arguments: readList(reader, ')', () => readValue(reader)), line: known.line});
		const end = reader.at;
		skipSpace(reader);
		if (!skip(reader, ';') && reader.text[reader.at] !== '}' && lineBreaks(reader.text, end, reader.at) === 0) throw new NotConstant();
	}
}

function readList<T>(reader: Reader, end: string, read: () => T): readonly T[] {
	const values: T[] = [];
	for (;;) {
		skipSpace(reader);
		if (skip(reader, end)) return values;
		values.push(read());
		skipSpace(reader);
		if (skip(reader, ',')) continue;
		if (!skip(reader, end)) throw new NotConstant();
		return values;
	}
}

function readValue(reader: Reader): unknown {
	const first = reader.text[reader.at];
	if (first === "'" || first === '"' || first === '`') return readString(reader, first);
	if (skip(reader, '[')) return readList(reader, ']', () => readValue(reader));
	if (skip(reader, '{')) return Object.fromEntries(readList(reader, '}', () => readEntry(reader)));
	const constant = take(reader, word)?.[0];
	if (constant !== undefined) return constant === 'null' ? null : constant === 'true';
	const number = take(reader, numberLiteral)?.[0];
	if (number === undefined) throw new NotConstant();
	return Number(number);
}

function readEntry(reader: Reader): readonly [string, unknown] {
	const first = reader.text[reader.at];
	const name = first === "'" || first === '"' ? readString(reader, first) : take(reader, key)?.[0];
	// This key would set the prototype.
	if (name === undefined || name === '__proto__') throw new NotConstant();
	skipSpace(reader);
	if (!skip(reader, ':')) throw new NotConstant();
	skipSpace(reader);
	return [name, readValue(reader)];
}

const escapes: Readonly<Record<string, string>> = {n: '\n', t: '\t', "'": "'", '"': '"', '`': '`', '\\': '\\', $: '$'};

/** Reads a string or a template without expressions. */
function readString(reader: Reader, quote: string): string {
	const {text} = reader;
	let value = '';
	let from = reader.at + 1;
	for (let at = from; at < text.length; at++) {
		const character = text[at];
		if (character === quote) {
			reader.at = at + 1;
			return value + text.slice(from, at);
		}
		if (character === '\\') {
			const escaped = escapes[text[at + 1] ?? ''];
			if (escaped === undefined) throw new NotConstant();
			value += text.slice(from, at) + escaped;
			at++;
			from = at + 1;
		} else if (quote === '`' ? character === '$' && text[at + 1] === '{' : character === '\n') throw new NotConstant();
	}
	throw new NotConstant();
}

function skipSpace(reader: Reader): void {
	take(reader, space);
}

function skip(reader: Reader, character: string): boolean {
	if (reader.text[reader.at] !== character) return false;
	reader.at++;
	return true;
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
	pattern.lastIndex = reader.at;
	const match = pattern.exec(reader.text);
	if (match === null) return undefined;
	reader.at = pattern.lastIndex;
	return match;
}

function lineBreaks(text: string, from: number, to: number): number {
	let count = 0;
	for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
	return count;
}
