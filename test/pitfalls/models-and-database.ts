import {type Decisions, noDecisions} from '../../source/core/diff/question.ts';
import {type Draft, draftMigration} from '../../source/core/migrations/draft/draft.ts';
import {withSettledRenames} from '../../source/core/migrations/draft/settled-renames.ts';
import type {Direction, DoneEvent, FailedEvent} from '../../source/core/migrations/event.ts';
import {createMigrationFile} from '../../source/core/migrations/files/create-file.ts';
import {migrationsIn} from '../../source/core/migrations/files/source.ts';
import {type MigrationFormat, writeMigration} from '../../source/core/migrations/files/write.ts';
import type {Finding} from '../../source/core/migrations/finding.ts';
import {baseSchema} from '../../source/core/migrations/replay/comparison-base.ts';
import {loadModels} from '../../source/core/models/load.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {runnerFor} from '../core/migrations/run.ts';
import {type ProjectFolder, projectFolder} from '../project-folder.ts';

export type Answers = Partial<Decisions>;

/** Both formats of migration files: one contains operations, the other contains the same as SQL. */
export const formats: readonly MigrationFormat[] = ['ts', 'sql'];

/** The result of a run, with the findings of preflight. */
export interface Run {
	readonly last: DoneEvent | FailedEvent;
	readonly findings: readonly Finding[];
	readonly strategies: readonly string[];
}

/** A database with rows, and models that differ from it. */
export interface ModelsAndDatabase extends ProjectFolder {
	setModels(sql: string): void;
	/** Returns the migration that `create` would write, based on the database and its pending migrations. */
	draft(answers?: Answers): Promise<Draft>;
	/** Writes the migration file and returns its path. Throws if a question is open. */
	create(answers?: Answers): Promise<string>;
	/** Applies pending migrations. */
	upgrade(consent?: boolean): Promise<Run>;
	downgrade(consent?: boolean): Promise<Run>;
	/** Writes the migration, applies it, and checks that the database then matches the models. Throws if not. */
	migrate(answers?: Answers, consent?: boolean): Promise<Run>;
}

/**
 * Creates a database and models in a temporary folder, which is removed after the test. Runs in this process, without the command line.
 *
 * @param database the SQL that creates the database, including rows
 * @param models the SQL of the models
 */
export function modelsAndDatabase(database: string, models: string, format: MigrationFormat = 'ts'): ModelsAndDatabase {
	const folder = projectFolder();
	const {file, migrationsDir} = folder;
	const openFor = async <T>(work: (db: Database) => Promise<T>): Promise<T> => {
		const db = openDatabase(file);
		try {
			return await work(db);
		} finally {
			db.close();
		}
	};
	folder.exec(database);
	const runner = runnerFor(folder);
	const run = async (direction: Direction, consent: boolean): Promise<Run> => {
		const events = await runner.run({direction, consent, backup: 'never'});
		return {
			last: events.at(-1) as DoneEvent | FailedEvent,
			findings: events.flatMap((event) => (event.type === 'preflight' ? event.findings : [])),
			strategies: events.flatMap((event) => (event.type === 'stepStart' ? [event.strategy] : [])),
		};
	};
	let number = 0;
	const project: ModelsAndDatabase = {
		...folder,
		setModels: (sql) => folder.write('models/models.sql', sql),
		draft: (answers = {}) =>
			openFor(async (db) => {
				const base = await baseSchema({db, migrations: migrationsIn(migrationsDir)});
				const rows = base.present === undefined ? {} : {rows: {db, schema: base.present}};
				const models = await withSettledRenames(await loadModels(folder.at('models')), base.schema, base.state);
				return draftMigration({from: base.schema, models, decisions: {...noDecisions, ...answers}, ...rows});
			}),
		create: (answers = {}) =>
			openFor(async (db) => {
				const {schema} = await baseSchema({db, migrations: migrationsIn(migrationsDir)});
				const {operations, questions} = await project.draft(answers);
				if (questions.length > 0) throw new Error(`open: ${questions.map(({message}) => message).join('; ')}`);
				const now = new Date(Date.UTC(2026, 10, 22, 12, 0, number++));
				return createMigrationFile({directory: migrationsDir, format, text: writeMigration(format, schema, operations)}, {name: 'change', now}).path;
			}),
		upgrade: (consent = false) => run('upgrade', consent),
		downgrade: (consent = false) => run('downgrade', consent),
		async migrate(answers = {}, consent = false) {
			await project.create(answers);
			const result = await run('upgrade', consent);
			if (result.last.type !== 'done') throw new Error([result.last.message, ...result.last.details].join('\n'));
			const rest = await project.draft();
			if (rest.operations.length + rest.questions.length > 0)
				throw new Error(`the database still differs from the models: ${JSON.stringify(rest.operations)}`);
			const check = project.value('PRAGMA integrity_check');
			if (check !== 'ok') throw new Error(String(check));
			return result;
		},
	};
	project.setModels(models);
	return project;
}
