import {compileBundle} from '../../../source/core/migrations/bundle/compile-bundle.ts';
import {migrationsIn} from '../../../source/core/migrations/files/source.ts';
import type {Bundle} from '../../../source/core/runtime/bundle.ts';

/** Compiles the migrations in a folder, as `lite-migr bundle` does. The data goes through JSON, as through a module. */
export async function bundleOf(migrationsDir: string): Promise<Bundle> {
	const {bundle} = await compileBundle(migrationsIn(migrationsDir));
	return structuredClone(bundle);
}

/** Returns the migrations up to a release. */
export function release({format, migrations}: Bundle, count: number): Bundle {
	return {format, migrations: migrations.slice(0, count)};
}
