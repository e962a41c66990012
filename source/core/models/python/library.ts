import type {Value} from './value.ts';

/** https://pypi.org/project/pylite-orm/0.1.4/: what its `DbType` and `OnDelete` hold. */
export const dbTypes: Readonly<Record<string, string>> = {TEXT: 'TEXT', INT: 'INTEGER', REAL: 'REAL', BLOB: 'BLOB'};
export const onDeletes: Readonly<Record<string, string>> = {
	RESTRICT: 'RESTRICT',
	CASCADE: 'CASCADE',
	SET_NULL: 'SET NULL',
	SET_DEFAULT: 'SET DEFAULT',
	NO_ACTION: 'NO ACTION',
};

/** What `from pylite_orm import *` brings. */
const exported = new Set(
	`DbConn DbSession DbModel DbType RelType JoinType OnDelete DbField RelationField SelectBuilder InsertBuilder UpdateBuilder DeleteBuilder Expr
	LogicNode Func`.split(/\s+/),
);

const submodules = new Set(['conn', 'expr', 'migr', 'model', 'operations', 'query', 'session']);

/** True for `pylite_orm`, its modules, and `lite_orm`, its name before. */
export function isLibraryModule(path: string): boolean {
	return /^(?:py)?lite_orm(?:\.|$)/.test(path);
}

export function isExported(name: string): boolean {
	return exported.has(name);
}

/** An attribute of something of pylite-orm. */
export function memberOfLibrary(owner: string, name: string): Value {
	if (owner === '') return {kind: 'library', name: submodules.has(name) ? '' : name};
	const constants = owner === 'DbType' ? dbTypes : owner === 'OnDelete' ? onDeletes : {};
	const text = Object.hasOwn(constants, name) ? constants[name] : undefined;
	if (text !== undefined) return {kind: 'string', value: text};
	if (owner === 'DbModel.Meta' && name === 'table') return {kind: 'none'};
	if (owner === 'DbModel.Meta' && name === 'indexes') return {kind: 'list', items: []};
	if (owner === 'DbModel' && name === 'Meta') return {kind: 'library', name: 'DbModel.Meta'};
	return owner === 'RelType' || owner === 'JoinType'
		? {kind: 'inert', what: `${owner}.${name}`}
		: {kind: 'unknown', what: `${owner}.${name}, which pylite-orm does not have`};
}

/** What a call of something of pylite-orm gives, its fields apart. */
export function callOfLibrary(name: string): Value {
	const what = `what ${name}() returns`;
	return exported.has(name) && name !== 'DbModel' ? {kind: 'inert', what} : {kind: 'unknown', what};
}
