import type {MigrationFile} from '../../source/core/migrations/files/list.ts';
import {checksumOf} from '../../source/core/migrations/files/list.ts';
import type {Migration} from '../../source/core/migrations/files/migration.ts';
import type {MigrationSource} from '../../source/core/migrations/files/source.ts';
import type {Operation} from '../../source/core/operations/operation.ts';

export interface PlainMigration {
	readonly name: string;
	readonly upgrade: readonly Operation[];
	readonly downgrade?: readonly Operation[] | undefined;
}

/** Returns migrations without files, as a source for a bundle. */
export function sourceOf(migrations: readonly PlainMigration[]): MigrationSource {
	const loaded = migrations.map(
		({name, upgrade, downgrade}): Migration => ({
			name,
			path: `${name}.ts`,
			format: 'ts',
			checksum: checksumOf(JSON.stringify([name, upgrade], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))),
			upgrade,
			downgrade,
			transaction: true,
		}),
	);
	const files = loaded.map(({name, path, checksum}): MigrationFile => ({name, path, kind: 'ts', text: '', checksum}));
	return {
		list: () => files,
		load: async ({name}) => loaded.find((one) => one.name === name) as Migration,
		forget: () => {},
	};
}

/** Returns a migration that creates a schema with plain statements. */
export function creating(name: string, statements: readonly string[]): PlainMigration {
	return {name, upgrade: statements.map((sql): Operation => ({kind: 'execute', sql, parameters: []}))};
}
