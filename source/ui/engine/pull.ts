import {join} from 'node:path';
import type {Config} from '../../core/config/config.ts';
import type {OnLock} from '../../core/migrations/project.ts';
import type {PullFormat} from '../../core/pull/pull.ts';
import {pullDatabase} from '../../core/pull/pull-database.ts';
import {foundObjects, foundText, pullNotes} from '../../core/pull/pull-text.ts';
import type {PullPreview} from '../existing-database.ts';
import {nearDatabase, nearPath} from './near-path.ts';

/** Generates models from the database of a project, and returns what writing them would do. Writes nothing. */
export async function pullPreviewOf(config: Config, format: PullFormat, cwd: string, lock: OnLock): Promise<PullPreview> {
	const near = (path: string): string => nearPath(path, cwd);
	const pulled = await pullDatabase(config, format, lock);
	return {
		format,
		database: nearDatabase(config, cwd),
		found: foundText(pulled.schema),
		objects: foundObjects(pulled.schema),
		notes: pullNotes(pulled),
		files: pulled.files.map((file) => ({...file, path: near(join(config.modelsDir, file.name))})),
		others: pulled.others.map(near),
	};
}
