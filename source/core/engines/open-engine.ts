import type {Engine, EngineOptions} from './engine.ts';
import type {RemoteTarget} from './parse-target.ts';

/**
 * Opens the engine of a target. Sends nothing yet. Only the code of this engine is loaded.
 *
 * @throws MigrError `config` if the configuration of the target is incomplete
 */
export async function openEngine(target: RemoteTarget, options: EngineOptions): Promise<Engine> {
	switch (target.kind) {
		case 'd1':
			return (await import('./d1/engine.ts')).d1Engine(target, options);
		case 'libsql':
			return (await import('./libsql/engine.ts')).libsqlEngine(target, options);
		case 'rqlite':
			return (await import('./rqlite/engine.ts')).rqliteEngine(target, options);
	}
}
