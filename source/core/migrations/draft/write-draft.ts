import type {FileFormat} from '../../config/config.ts';
import {ignoreInConfig} from '../../config/files.ts';
import {MigrError} from '../../errors.ts';
import {plural} from '../../text/numbers.ts';
import {fitHistory} from '../drift/fit-history.ts';
import {type CreatedFile, createMigrationFile} from '../files/create-file.ts';
import {type MigrationFiles, writeMigration} from '../files/write.ts';
import type {ProjectDraft} from './project-draft.ts';
import {wranglerMigration} from './wrangler-migration.ts';

export interface WrittenDraft {
	/** Absent if nothing differs. */
	readonly file?: CreatedFile;
	/** Why the migration would fail on a database built only from the migrations, if this database was changed outside lite-migr. */
	readonly newDatabaseProblem?: string;
	/** True if names were added to `ignore` in `migrate.toml`. */
	readonly ignores: boolean;
}

/**
 * Writes a draft as a migration file, and saves names to ignore in `migrate.toml`.
 *
 * @throws MigrError `answerNeeded` if a question is open, `files` if a file cannot be written
 */
export async function writeDraft(
	project: ProjectDraft,
	{name, format, now}: {readonly name: string; readonly format: FileFormat; readonly now: Date},
): Promise<WrittenDraft> {
	const {config, base, draft, decisions} = project;
	const open = draft.questions.length;
	if (open > 0) throw new MigrError('answerNeeded', `${plural(open, 'question is', 'questions are')} open`, {hint: 'answer them first'});
	const written = draft.operations.length === 0 ? undefined : await draftText(project, format);
	const ignores = decisions.ignore.length > 0 && ignoreInConfig(config.file, decisions.ignore);
	if (written === undefined) return {ignores};
	const {text, downgrade, ...rest} = written;
	const applied = base.state.applied.map((migration) => migration.name);
	const seen = base.state.files.map((migration) => migration.name);
	return {ignores, ...rest, file: createMigrationFile({directory: config.migrationsDir, format, text, downgrade}, {name, now, applied, seen})};
}

/** Returns the text of the migration for a draft. */
export async function draftText(
	{config, base, draft, decisions}: ProjectDraft,
	format: FileFormat,
): Promise<MigrationFiles & {readonly newDatabaseProblem?: string}> {
	const {from, operations, fits, ...rest} = await fitHistory(base, draft.operations, {ignore: [...config.ignore, ...decisions.ignore], format});
	const databases = {found: base.schema, fits, portable: config.remote !== undefined};
	const files =
		format === 'wrangler' ? await wranglerMigration(from, operations, databases) : {text: writeMigration(format, from, operations, databases)};
	return {...rest, ...files};
}
