import type {Config} from '../config/config.ts';
import {ignoreInConfig} from '../config/files.ts';
import type {Decisions} from '../diff/question.ts';
import {MigrError} from '../errors.ts';
import {plural} from '../text/numbers.ts';
import {type CreatedFile, createMigrationFile} from './create-file.ts';
import type {ProjectDraft} from './project-draft.ts';
import {type MigrationFormat, writeMigration} from './write.ts';

export interface WrittenDraft {
	/** Absent where nothing differs. */
	readonly file?: CreatedFile;
	/** True where names were added to `ignore` in `migrate.toml`. */
	readonly ignores: boolean;
}

/**
 * Writes a draft as a migration file, and what is to be ignored from now on into `migrate.toml`.
 *
 * @throws MigrError `answerNeeded` while a question is open, `files` where something cannot be written
 */
export function writeDraft(
	config: Config,
	{base, draft}: ProjectDraft,
	decisions: Decisions,
	{name, format, now}: {readonly name: string; readonly format: MigrationFormat; readonly now: Date},
): WrittenDraft {
	const open = draft.questions.length;
	if (open > 0) throw new MigrError('answerNeeded', `${plural(open, 'question is', 'questions are')} open`, {hint: 'answer them first'});
	const text = draft.operations.length === 0 ? undefined : writeMigration(format, base.schema, draft.operations);
	const ignores = decisions.ignore.length > 0 && ignoreInConfig(config.file, decisions.ignore);
	if (text === undefined) return {ignores};
	const applied = base.state.applied.map((migration) => migration.name);
	return {ignores, file: createMigrationFile(config.migrationsDir, name, format, text, now, applied)};
}
