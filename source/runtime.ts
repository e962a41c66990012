/**
 * Applies bundled migrations through the connection of a program: `migrate(nodeSqlite(db), migrations)`. Needs no file system, no native code and no
 * module of Node. `lite-migr bundle` writes the migrations.
 */
export type {ErrorCode, ErrorLocation} from './core/errors.ts';
export {MigrError} from './core/errors.ts';
export type {BetterSqlite3Database} from './core/runtime/adapters/better-sqlite3.ts';
export {betterSqlite3} from './core/runtime/adapters/better-sqlite3.ts';
export type {BunSqliteDatabase} from './core/runtime/adapters/bun-sqlite.ts';
export {bunSqlite} from './core/runtime/adapters/bun-sqlite.ts';
export type {D1Database, D1Statement} from './core/runtime/adapters/d1.ts';
export {d1} from './core/runtime/adapters/d1.ts';
export type {DurableObjectStorage} from './core/runtime/adapters/durable-object.ts';
export {durableObject} from './core/runtime/adapters/durable-object.ts';
export type {ExpoSqliteDatabase} from './core/runtime/adapters/expo-sqlite.ts';
export {expoSqlite} from './core/runtime/adapters/expo-sqlite.ts';
export type {LibsqlClient} from './core/runtime/adapters/libsql-client.ts';
export {libsqlClient} from './core/runtime/adapters/libsql-client.ts';
export type {NodeSqliteDatabase} from './core/runtime/adapters/node-sqlite.ts';
export {nodeSqlite} from './core/runtime/adapters/node-sqlite.ts';
export type {SqlJsDatabase} from './core/runtime/adapters/sql-js.ts';
export {sqlJs} from './core/runtime/adapters/sql-js.ts';
export type {Bundle, BundledMigration, Loss, LossKind, LossStatement, Needs, Script, Statement} from './core/runtime/bundle.ts';
export type {Connection, ConnectionFeatures, Row} from './core/runtime/connection.ts';
export type {MigrateOptions, MigrateResult} from './core/runtime/migrate.ts';
export {migrate} from './core/runtime/migrate.ts';
