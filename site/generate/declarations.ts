/** Reads the public types of lite-migr with their docstrings. The compiler writes them as declarations, and Rolldown's parser reads these. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {parseSync} from 'rolldown/utils';

/** A node of the syntax tree, with the fields that this folder reads. */
export interface Node {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [field: string]: unknown;
}

/** A declaration. All overloads of a function are one declaration. */
export interface Declaration {
	/** The name in its file. */
	readonly name: string;
	/** The file, relative to the repository: `source/core/errors.ts`. */
	readonly file: string;
	/** The text of the file that the nodes refer to. */
	readonly text: string;
	/** Without `export` and `declare`. */
	readonly nodes: readonly Node[];
	/** The docstring of the first node as Markdown. Empty if there is none. */
	readonly doc: string;
}

/** The declarations of the library. */
export interface Declarations {
	/** Everything that `source/index.ts` and `source/test.ts` export, by its public name, in alphabetical order. */
	readonly exported: ReadonlyMap<string, Declaration>;
	/** Everything that `source/commands/json.ts` and `help-json.ts` export, in the order of the files. */
	readonly json: readonly Declaration[];
	/** Returns the declaration that a name refers to in the file of another one. Undefined for names of the language, such as `Omit`. */
	readonly resolve: (name: string, from: Declaration) => Declaration | undefined;
	/** Returns the docstring directly before a node. Empty if there is none. */
	readonly docBefore: (node: Node, from: Declaration) => string;
}

interface Comment {
	readonly value: string;
	readonly start: number;
	readonly end: number;
}

interface Module {
	readonly file: string;
	readonly text: string;
	readonly comments: readonly Comment[];
	/** By local name. */
	readonly declared: ReadonlyMap<string, Declaration>;
	/** The imports and reexports, by the name they have in this module. */
	readonly imported: ReadonlyMap<string, {readonly file: string; readonly name: string}>;
	/** The exported names, in the order of the file. */
	readonly exports: readonly string[];
}

const root = join(import.meta.dirname, '../..');

/** Runs the compiler and returns the declarations. Throws if the compiler reports an error. */
export function readDeclarations(): Declarations {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-types-'));
	try {
		const compiler = join(root, 'node_modules/typescript/bin/tsc');
		execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.types.json'), '--outDir', folder], {
			stdio: ['ignore', 'inherit', 'inherit'],
		});
		return declarationsIn(folder);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

function declarationsIn(folder: string): Declarations {
	const modules = new Map<string, Module>();
	const moduleOf = (file: string): Module => {
		const known = modules.get(file);
		if (known !== undefined) return known;
		const loaded = readModule(file, readFileSync(join(folder, file.replace(/\.tsx?$/, '.d.ts')), 'utf8'));
		modules.set(file, loaded);
		return loaded;
	};
	const find = (file: string, name: string): Declaration | undefined => {
		const {declared, imported} = moduleOf(file);
		const from = imported.get(name);
		return declared.get(name) ?? (from === undefined ? undefined : find(from.file, from.name));
	};
	const exportsOf = (file: string): [string, Declaration][] =>
		moduleOf(file).exports.map((name) => {
			const declaration = find(file, name);
			if (declaration === undefined) throw new Error(`${file} exports ${name}, which has no declaration`);
			return [name, declaration];
		});
	// All files are read now, because the folder is temporary.
	const exported = new Map(['source/index.ts', 'source/test.ts'].flatMap(exportsOf).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
	const json = ['source/commands/json.ts', 'source/commands/help-json.ts'].flatMap(exportsOf).map(([, declaration]) => declaration);
	for (const {imported} of modules.values()) for (const {file} of imported.values()) moduleOf(file);
	return {
		exported,
		json,
		resolve: (name, from) => find(from.file, name),
		docBefore: (node, from) => docBefore(node.start, moduleOf(from.file)),
	};
}

function readModule(file: string, text: string): Module {
	const {program, comments, errors} = parseSync(`${file}.d.ts`, text);
	if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
	const declared = new Map<string, Declaration>();
	const imported = new Map<string, {readonly file: string; readonly name: string}>();
	const exports: string[] = [];
	const context = {text, comments: comments as readonly Comment[]};
	for (const statement of program.body as unknown as readonly Node[]) {
		const source = (statement.source as {readonly value: string} | null | undefined)?.value;
		const declaration = statement.type === 'ExportNamedDeclaration' ? (statement.declaration as Node | null) : statement;
		if (source?.startsWith('.')) {
			for (const {localName, name} of specifiersOf(statement)) imported.set(localName, {file: join(dirname(file), source), name});
		}
		if (statement.type === 'ExportNamedDeclaration') exports.push(...specifiersOf(statement).map(({localName}) => localName));
		const name = declaration === null ? undefined : nameOf(declaration);
		if (declaration === null || name === undefined) continue;
		if (statement.type === 'ExportNamedDeclaration' && !exports.includes(name)) exports.push(name);
		const before = declared.get(name);
		declared.set(name, {
			name,
			file,
			text,
			nodes: [...(before?.nodes ?? []), declaration],
			doc: before?.doc ?? docBefore(statement.start, context),
		});
	}
	return {file, ...context, declared, imported, exports};
}

interface Identifier {
	readonly name: string;
}

/** Returns the names of an import or a reexport: the name in this module, and the name in the other one. */
function specifiersOf(statement: Node): readonly {readonly localName: string; readonly name: string}[] {
	const specifiers = (statement.specifiers ?? []) as readonly {
		readonly local: Identifier;
		readonly imported?: Identifier;
		readonly exported?: Identifier;
	}[];
	return specifiers.map(({local, imported, exported}) =>
		exported === undefined ? {localName: local.name, name: imported?.name ?? local.name} : {localName: exported.name, name: local.name},
	);
}

function nameOf(declaration: Node): string | undefined {
	if (declaration.type === 'VariableDeclaration') return (declaration.declarations as readonly {readonly id: Identifier}[])[0]?.id.name;
	return (declaration.id as Identifier | null | undefined)?.name;
}

function docBefore(start: number, {text, comments}: Pick<Module, 'text' | 'comments'>): string {
	// The compiler writes the comment of the first member of a union before the member, and those of the others before the bar.
	const comment = comments.find(({end, value}) => value.startsWith('*') && end <= start && /^\s*\|?\s*$/.test(text.slice(end, start)));
	return comment === undefined ? '' : docText(comment.value);
}

/** Returns the text of a docstring as Markdown: `@throws` becomes a paragraph. */
function docText(comment: string): string {
	return comment
		.slice(1)
		.split('\n')
		.map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
		.join('\n')
		.trim()
		.replaceAll(/^@throws /gm, '**Throws** ');
}
