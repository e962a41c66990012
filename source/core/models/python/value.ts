import type {Assignment, ClassStatement, Expression} from './syntax.ts';
import type {PythonText} from './text.ts';

/** The value of an expression, as far as it is known without running it. */
export type Value =
	| {readonly kind: 'none' | 'ellipsis'}
	| {readonly kind: 'boolean'; readonly value: boolean}
	| {readonly kind: 'integer'; readonly value: bigint}
	| {readonly kind: 'float'; readonly value: number}
	| {readonly kind: 'string'; readonly value: string}
	| {readonly kind: 'bytes'; readonly value: Uint8Array}
	| {readonly kind: 'list' | 'tuple'; readonly items: readonly Placed[]}
	| {readonly kind: 'dict'; readonly entries: readonly {readonly key: Placed; readonly value: Placed}[]}
	| FieldCall
	| {readonly kind: 'class'; readonly class: PythonClass}
	/** A module or package in the files to read. */
	| {readonly kind: 'module'; readonly name: string; readonly member: (name: string) => Placed | undefined}
	/** An object of pylite-orm: `DbModel`, `DbField`, `DbType`, …, or '' for the package itself. */
	| {readonly kind: 'library'; readonly name: string}
	/** An object such as `datetime.now`, from a package that is not read or from Python itself (`isStandard`: a builtin or its standard library). */
	| {readonly kind: 'outside'; readonly name: string; readonly isStandard: boolean}
	/** An unknown value that is not a DbField: an f-string, a function. If it is callable, it may return a DbField. */
	| {readonly kind: 'inert'; readonly what: string; readonly isCallable?: boolean}
	/** An unknown value. `what` describes it: `the result of make()`. */
	| {readonly kind: 'unknown'; readonly what: string};

/** A call of DbField or RelationField. */
export interface FieldCall {
	readonly kind: 'field';
	/** True for a RelationField, which is not a column. */
	readonly isVirtual: boolean;
	readonly arguments: readonly PlacedArgument[];
}

/** A value with its location. */
export interface Placed {
	readonly value: Value;
	readonly file: PythonText;
	readonly from: number;
}

export interface PlacedArgument extends Placed {
	readonly name?: string;
	readonly spread?: '*' | '**';
}

export interface PythonModule {
	readonly file: PythonText;
	/** Returns the value of a name at the module's top level just before the offset `until`. Undefined if the name is not set by then. */
	readonly lookUp: (name: string, until: number) => Placed | undefined;
	/** Returns the module that `import path` or `from …path import` finds. `level` is the number of dots before the path. */
	readonly importModule: (level: number, path: string) => Value;
	/** Returns the class of a statement in this module, always the same object. */
	readonly classAt: (statement: ClassStatement, scope: Scope) => PythonClass;
}

export interface PythonClass {
	readonly module: PythonModule;
	readonly statement: ClassStatement;
	/** Returns the base classes, in order. */
	readonly bases: () => readonly Placed[];
	readonly body: () => ClassBody;
}

export interface ClassBody {
	/** The attributes that the class's own body sets, in Python's order. */
	readonly attributes: ReadonlyMap<string, Attribute>;
	readonly annotations: ReadonlyMap<string, Expression>;
	/** Statements that may change the attributes in a way that only Python can determine. */
	readonly disturbances: readonly Disturbance[];
}

export interface Attribute extends Placed {
	readonly statement?: Assignment;
}

export interface Disturbance {
	readonly from: number;
	readonly what: string;
}

/** The scope for looking up names: first a class body or a function, then the module. */
export interface Scope {
	readonly module: PythonModule;
	readonly local: ReadonlyMap<string, Placed>;
	/** The offset up to which the module has run. */
	readonly until: number;
}
