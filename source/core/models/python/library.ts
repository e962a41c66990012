import type {Value} from './value.ts';

/** The members of `DbType` and `OnDelete` in https://pypi.org/project/pylite-orm/0.1.4/. */
export const dbTypes: Readonly<Record<string, string>> = {TEXT: 'TEXT', INT: 'INTEGER', REAL: 'REAL', BLOB: 'BLOB'};
export const onDeletes: Readonly<Record<string, string>> = {
	RESTRICT: 'RESTRICT',
	CASCADE: 'CASCADE',
	SET_NULL: 'SET NULL',
	SET_DEFAULT: 'SET DEFAULT',
	NO_ACTION: 'NO ACTION',
};

/** The names that `from pylite_orm import *` imports. */
const exported = new Set(
	`DbConn DbSession DbModel DbType RelType JoinType OnDelete DbField RelationField SelectBuilder InsertBuilder UpdateBuilder DeleteBuilder Expr
	LogicNode Func`.split(/\s+/),
);

const submodules = new Set(['conn', 'expr', 'migr', 'model', 'operations', 'query', 'session']);

/** True for `pylite_orm`, its modules, and `lite_orm`, its former name. */
export function isLibraryModule(path: string): boolean {
	return /^(?:py)?lite_orm(?:\.|$)/.test(path);
}

export function isExported(name: string): boolean {
	return exported.has(name);
}

/** Returns an attribute of a pylite-orm object. */
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

/** Returns the result of a pylite-orm call, except for its fields. */
export function callOfLibrary(name: string): Value {
	const what = `the result of ${name}()`;
	return exported.has(name) && name !== 'DbModel' ? {kind: 'inert', what} : {kind: 'unknown', what};
}
