export type {ErrorCode, ErrorLocation, MigrErrorOptions} from './core/errors.ts';
export {MigrError} from './core/errors.ts';
export type {Schema} from './core/schema/schema.ts';
export {emptySchema} from './core/schema/schema.ts';
