import {join} from 'node:path';
import type {Config} from '../../core/config/config.ts';
import type {PullFormat} from '../../core/pull/pull.ts';
import {pullDatabase} from '../../core/pull/pull-database.ts';
import {foundObjects, foundText, pullNotes} from '../../core/pull/pull-text.ts';
import type {PullPreview} from '../services.ts';

/** The models of a project's database, and what writing them would do to the folder; nothing is written. */
export async function pullPreviewOf(config: Config, format: PullFormat, near: (path: string) => string): Promise<PullPreview> {
	const pulled = await pullDatabase(config, format);
	return {
		format,
		database: near(config.dbPath),
		found: foundText(pulled.schema),
		objects: foundObjects(pulled.schema),
		notes: pullNotes(pulled),
		files: pulled.files.map((file) => ({...file, path: near(join(config.modelsDir, file.name))})),
		others: pulled.others.map(near),
	};
}
