import type {Assignment, ClassStatement, Expression} from './syntax.ts';
import type {PythonText} from './text.ts';

/** What an expression is known to be without running it. */
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
	/** A module or package among the files that are read. */
	| {readonly kind: 'module'; readonly name: string; readonly member: (name: string) => Placed | undefined}
	/** Something of pylite-orm: `DbModel`, `DbField`, `DbType`, …; '' for the package itself. */
	| {readonly kind: 'library'; readonly name: string}
	/** Something of Python itself (`isStandard`: a builtin or of its standard library) or of a package that is not read: `datetime.now`. */
	| {readonly kind: 'outside'; readonly name: string; readonly isStandard: boolean}
	/** Its value is not known, but it is no DbField: an f-string, a function. What a callable one returns may be one. */
	| {readonly kind: 'inert'; readonly what: string; readonly isCallable?: boolean}
	/** Nothing is known; `what` says why: `what make() returns`. */
	| {readonly kind: 'unknown'; readonly what: string};

/** A call of DbField or RelationField. */
export interface FieldCall {
	readonly kind: 'field';
	/** True for a RelationField, which is no column. */
	readonly isVirtual: boolean;
	readonly arguments: readonly PlacedArgument[];
}

/** A value, and where it was written. */
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
	/** The value of a name as the module's top level sees it just before `until` (an offset). Undefined where the name is not set by then. */
	readonly lookUp: (name: string, until: number) => Placed | undefined;
	/** What `import path` or `from …path import` finds; `level` is the number of dots before the path. */
	readonly importModule: (level: number, path: string) => Value;
	/** The class of a statement of this module; the same one each time. */
	readonly classAt: (statement: ClassStatement, scope: Scope) => PythonClass;
}

export interface PythonClass {
	readonly module: PythonModule;
	readonly statement: ClassStatement;
	/** What the class inherits from, in order. */
	readonly bases: () => readonly Placed[];
	readonly body: () => ClassBody;
}

export interface ClassBody {
	/** What its own body sets, in the order in which Python keeps it. */
	readonly attributes: ReadonlyMap<string, Attribute>;
	readonly annotations: ReadonlyMap<string, Expression>;
	/** Statements that may change the attributes in a way that only Python knows. */
	readonly disturbances: readonly Disturbance[];
}

export interface Attribute extends Placed {
	readonly statement?: Assignment;
}

export interface Disturbance {
	readonly from: number;
	readonly what: string;
}

/** Where names are looked up: first those of a class body or a function, then the module's. */
export interface Scope {
	readonly module: PythonModule;
	readonly local: ReadonlyMap<string, Placed>;
	/** How far the module has been executed. */
	readonly until: number;
}
