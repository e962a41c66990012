import {localD1File} from '../../source/core/engines/d1/local-file.ts';
import {MigrError} from '../../source/core/errors.ts';
import type {ProjectFolder} from '../project-folder.ts';

/** Creates wrangler's local database, as its first use does. */
export function createLocalD1(project: ProjectFolder, name: string): void {
	try {
		localD1File(name, project.path);
	} catch (error) {
		const file = error instanceof MigrError ? error.location?.file : undefined;
		if (file === undefined) throw error;
		project.write(file.slice(project.path.length + 1), '');
	}
}
