/**
 * lite-migr as a library: the table language for models, the types of migration files, and the headless core that the command and its screens are
 * built on. Importing it opens no database and loads no native code.
 */

import type {ApplyEvent} from './core/migrations/event.ts';
import type {ApplyRequest} from './core/migrations/run/apply-options.ts';
import type {LoadOptions} from './core/models/load.ts';
import type {Schema} from './core/schema/schema.ts';

export type {CommandJson, CompletionJson, ErrorCodeJson, FlagJson, HelpJson} from './commands/help-json.ts';
export type {
	BackupJson,
	BackupsJson,
	BaselineJson,
	BundleJson,
	ChangesJson,
	CheckJson,
	CheckProblemJson,
	CreateJson,
	DiffJson,
	ErrorJson,
	FailedRunJson,
	FailureHelp,
	FleetCheckJson,
	FleetRunJson,
	FleetStatusJson,
	FleetSummaryJson,
	ImportJson,
	InitJson,
	PullJson,
	RestoreJson,
	RunJson,
	SqlJson,
	SquashJson,
	StatusJson,
} from './commands/json.ts';
export type {Diff} from './core/diff/diff.ts';
export {diff} from './core/diff/diff.ts';
export type {
	Candidate,
	Decisions,
	DropColumnQuestion,
	DropObjectQuestion,
	DropQuestion,
	FillDecision,
	FillQuestion,
	Question,
	RenameDecision,
	RenameQuestion,
	Target,
} from './core/diff/question.ts';
export {noDecisions} from './core/diff/question.ts';
export type {ErrorCode, ErrorLocation, MigrErrorOptions} from './core/errors.ts';
export {MigrError} from './core/errors.ts';
export type {ApplyEvent, ColumnEffect, Direction, EffectCause, EffectSample, EffectsEvent, TableEffect} from './core/migrations/event.ts';
export type {MigrationBuilder} from './core/migrations/files/builder.ts';
export type {AppliedMigration, Migration} from './core/migrations/files/migration.ts';
export type {Finding, FindingSample} from './core/migrations/finding.ts';
export type {
	ApplyOptions,
	ApplyRequest,
	BundleRequest,
	ConnectionRequest,
	FileRequest,
	GivenMigrations,
	MigrationFolder,
} from './core/migrations/run/apply-options.ts';
export {folder} from './core/migrations/run/apply-options.ts';
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
export type {IndexBuilder, IndexedPart, IndexPart} from './core/models/language/indexes.ts';
export {index, uniqueIndex} from './core/models/language/indexes.ts';
export type {HasModel} from './core/models/language/model.ts';
export type {KeyPart, Named, SqlExpression, SqlLiteral, SqlPart} from './core/models/language/sql.ts';
export {sql} from './core/models/language/sql.ts';
export type {AnyTable, ColumnMap, InferInsert, InferRow, Table, TableColumns} from './core/models/language/table.ts';
export {table} from './core/models/language/table.ts';
export type {TableOptions, TablePart} from './core/models/language/table-definition.ts';
export type {TriggerConfig, TriggerEvent} from './core/models/language/trigger.ts';
export {trigger} from './core/models/language/trigger.ts';
export type {View, ViewBuilder} from './core/models/language/view.ts';
export {view} from './core/models/language/view.ts';
export type {VirtualTable} from './core/models/language/virtual-table.ts';
export {virtualTable} from './core/models/language/virtual-table.ts';
export type {LoadOptions} from './core/models/load.ts';
export type {Hazard} from './core/operations/hazard.ts';
export type {Operation, SqlValue} from './core/operations/operation.ts';
export type {RunDatabase, RunStatement} from './core/operations/run-database.ts';
export type {Plan, PlanOptions} from './core/plan/plan.ts';
export {plan} from './core/plan/plan.ts';
export {statementsOf} from './core/plan/statements.ts';
export type {Step} from './core/plan/step.ts';
export type {Strategy} from './core/plan/strategy.ts';
export type {
	Check as SchemaCheck,
	Column as SchemaColumn,
	ForeignKey as SchemaForeignKey,
	Index as SchemaIndex,
	IndexColumn as SchemaIndexColumn,
	PrimaryKey as SchemaPrimaryKey,
	Schema,
	SchemaObject,
	Source,
	Sql,
	Table as SchemaTable,
	Trigger as SchemaTrigger,
	Unique as SchemaUnique,
	View as SchemaView,
	VirtualTable as SchemaVirtualTable,
} from './core/schema/schema.ts';
export {emptySchema} from './core/schema/schema.ts';
export type {Database, Row} from './core/sqlite/database.ts';
export type {BetterSqlite3Connection, NodeSqliteConnection, OpenConnection} from './core/sqlite/driver/adopt.ts';
export {introspect} from './core/sqlite/introspect.ts';
export type {OpenOptions} from './core/sqlite/open.ts';
export {openInMemory as openMemory} from './core/sqlite/open.ts';
export {openDatabase} from './core/sqlite/open-for-programs.ts';

/**
 * Returns the schema that the model files under `path` describe. `path` is one file, a folder that is read recursively,
 * a pattern such as `src/db/*.ts`, or a list of these. Each call imports the
 * modules again.
 *
 * @throws MigrError `config` if the path does not exist, and `model`, with file and line, if the models have an error
 */
export async function loadModels(path: string | readonly string[], options: LoadOptions = {}): Promise<Schema> {
	const models = await import('./core/models/load.ts');
	return models.loadModels(path, options);
}

/**
 * Applies or undoes migrations, all or nothing, and yields events as it runs. The last event is `done` or `failed`. The engine is loaded on the
 * first call, so importing lite-migr from a model stays cheap.
 */
export async function* apply(request: ApplyRequest): AsyncGenerator<ApplyEvent, void, void> {
	const {applyRequest} = await import('./core/migrations/run/apply-request.ts');
	yield* applyRequest(request);
}
