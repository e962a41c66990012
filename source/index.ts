export type {ErrorCode, ErrorLocation, MigrErrorOptions} from './core/errors.ts';
export {MigrError} from './core/errors.ts';
export type {
	AnyColumn,
	AnyColumnBuilder,
	Column,
	ColumnBuilder,
	ColumnTypes,
	ConflictAction,
	NotNullOptions,
	PrimaryKeyOptions,
	ReferenceAction,
	ReferenceOptions,
	ReferenceTarget,
	UniqueOptions,
} from './core/models/language/column.ts';
export {any, blob, integer, numeric, real, text} from './core/models/language/column.ts';
export type {CheckPart, ForeignKeyPart, KeyColumn, ParentByName, PrimaryKeyPart, UniquePart} from './core/models/language/constraints.ts';
export {check, foreignKey, primaryKey, unique} from './core/models/language/constraints.ts';
export type {IndexedPart, IndexPart, IndexStart} from './core/models/language/indexes.ts';
export {index, uniqueIndex} from './core/models/language/indexes.ts';
export type {HasModel} from './core/models/language/model.ts';
export type {KeyPart, Named, SqlExpression, SqlLiteral, SqlPart} from './core/models/language/sql.ts';
export {sql} from './core/models/language/sql.ts';
export type {AnyTable, ColumnMap, InferInsert, InferRow, Table, TableColumns, TableOptions, TablePart} from './core/models/language/table.ts';
export {table} from './core/models/language/table.ts';
export type {TriggerConfig, TriggerEvent} from './core/models/language/trigger.ts';
export {trigger} from './core/models/language/trigger.ts';
export type {View, ViewStart} from './core/models/language/view.ts';
export {view} from './core/models/language/view.ts';
export type {VirtualTable} from './core/models/language/virtual-table.ts';
export {virtualTable} from './core/models/language/virtual-table.ts';
export type {Schema} from './core/schema/schema.ts';
export {emptySchema} from './core/schema/schema.ts';
