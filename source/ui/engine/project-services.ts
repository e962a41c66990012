import {existsSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {type Config, configName, type FileFormat} from '../../core/config/config.ts';
import {makeFolder, requireInitialDatabase, writeConfig} from '../../core/config/files.ts';
import {noDecisions, type Question} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {baseline} from '../../core/migrations/adopt/baseline.ts';
import {type BackupFile, findBackup, listBackups} from '../../core/migrations/backup/backup-files.ts';
import {backupReason} from '../../core/migrations/backup/backup-reason.ts';
import {restoreBackup} from '../../core/migrations/backup/restore.ts';
import {planRestore, waitToPlanRestore} from '../../core/migrations/backup/restore-plan.ts';
import {caveatsOf} from '../../core/migrations/draft/caveats.ts';
import {evidenceFor, type FillTrial, tryFill} from '../../core/migrations/draft/evidence.ts';
import {draftOf} from '../../core/migrations/draft/project-draft.ts';
import {writeDraft} from '../../core/migrations/draft/write-draft.ts';
import {longerWait, type ProjectPlace, projectAt, requireRestorable, withDatabase} from '../../core/migrations/project.ts';
import {apply} from '../../core/migrations/run/apply.ts';
import {findModels} from '../../core/models/find-models.ts';
import {changeCount} from '../../core/plan/preview-text.ts';
import {writePulled} from '../../core/pull/pull.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {openInMemory} from '../../core/sqlite/open.ts';
import {openWithRetry} from '../../core/sqlite/open-with-retry.ts';
import {version} from '../../core/version.ts';
import type {RestorePlan, Services} from '../services.ts';
import {assess} from './assess.ts';
import {foundD1, foundDatabases} from './before-set-up.ts';
import {browsedObjects, firstRowsOf} from './browse.ts';
import {expressionInDatabase, inDatabase} from './decided-names.ts';
import {drafted} from './draft.ts';
import {draftChanged, draftId} from './draft-id.ts';
import {firstModel} from './first-model.ts';
import {fleetServices} from './fleet.ts';
import {historyOf, migrationOf} from './history.ts';
import {nearDatabase, nearPath} from './near-path.ts';
import {overviewOf} from './overview.ts';
import {pullPreviewOf} from './pull.ts';
import {type LocalRun, preflightOf, runOf} from './runs.ts';
import {stateKey} from './state-key.ts';

export interface ProjectOptions extends ProjectPlace {
	/** `--format`. */
	readonly format: FileFormat | undefined;
}

/**
 * Creates the services that screens use, for the project in a folder.
 *
 * @param local runs the migrations of a database file
 */
export function projectServices(options: ProjectOptions, local: LocalRun = apply): Services {
	const {cwd} = options;
	const near = (path: string): string => nearPath(path, cwd);
	const restorable = (): Config => {
		const config = projectAt(options);
		requireRestorable(config, near(config.backupDir));
		return config;
	};
	return {
		overview: () => overviewOf(options),
		stateKey: async () => stateKey(projectAt(options)),
		assessment: () => withProject(options, (config, db) => assess(config, db, cwd)),
		draft: (decisions) => withProject(options, (config, db) => drafted(config, db, decisions)),
		evidence: (question, decisions) => withProject(options, (_config, db) => evidenceFor(db, inDatabase(question, decisions))),
		tryFill: (question, expression, decisions, isFinal) =>
			withProject(options, async (config, db) => {
				const trial =
					db === undefined
						? noRows
						: withIncompleteReported(tryFill(db, inDatabase(question, decisions), expressionInDatabase(expression, question, decisions)), db);
				if (trial.isValid || isFinal !== true) return trial;
				const {table, column} = question;
				const others = decisions.fills.filter((fill) => !sameName(fill.table, table) || !sameName(fill.column, column));
				const fills = [...others, {table, column, expression}];
				const problem = await problemOf(() => draftOf(config, db, {...decisions, fills}));
				return problem === undefined ? noRows : {...trial, hint: problem.hint};
			}),
		writeMigration: (name, decisions, shown) =>
			withProject(options, async (config, db) => {
				const project = await draftOf(config, db, decisions);
				if (shown !== undefined && draftId(project) !== shown) throw draftChanged(nearDatabase(config, cwd));
				const {file, ignores, newDatabaseProblem} = await writeDraft(project, {name, format: config.format, now: new Date()});
				return {
					path: file === undefined ? null : near(file.path),
					changes: changeCount(project.draft.preview),
					ignoredIn: ignores ? near(config.file) : null,
					caveats: file === undefined ? [] : caveatsOf(project, newDatabaseProblem, nearDatabase(config, cwd)),
				};
			}),
		preflight: (request, rehearses) => preflightOf(projectAt(options), request, {...options, rehearses}),
		run: (request, signal) => runOf({config: projectAt(options), cwd, local}, request, signal),
		...fleetServices(options),
		history: () => withProject(options, (config, db) => historyOf(config, db)),
		migration: async (name) => {
			const details = await withProject(options, (config, db) => migrationOf(config, db, name));
			return {...details, path: details.path === null ? null : near(details.path)};
		},
		backups: async () => {
			const {dbPath, backupDir, wranglerTable} = restorable();
			return listBackups(dbPath, backupDir).map((backup) => ({...backup, reason: backupReason(backup, wranglerTable)}));
		},
		restorePlan: async (backup) => {
			const config = restorable();
			await waitToPlanRestore(config.dbPath, {wait: config.wait, onWait: options.onWait, hint: longerWait});
			return restorePlanOf(config, findBackup(config.dbPath, config.backupDir, backup, cwd), near);
		},
		restore: async (backup, plan, signal) => {
			const config = restorable();
			const running = restoreBackup({
				database: config.dbPath,
				wranglerTable: config.wranglerTable,
				backup: findBackup(config.dbPath, config.backupDir, backup, cwd),
				folder: config.backupDir,
				now: new Date(),
				consent: true,
				plan,
				wait: config.wait,
				...(signal === undefined ? {} : {signal}),
				onWait: options.onWait,
			});
			let step = await running.next();
			while (step.done !== true) step = await running.next();
			const {kept, currentMigration: at} = step.value;
			return {database: near(config.dbPath), kept: kept === null ? null : near(kept), currentMigration: at};
		},
		beforeSetUp: async () => {
			const file = configFileOf(options);
			if (existsSync(file)) return {databases: [], d1: [], existing: near(file), models: null};
			const models = findModels(cwd) ?? null;
			return {databases: await foundDatabases(cwd, models, options), d1: foundD1(cwd), existing: null, models};
		},
		browse: async (file) => inDatabaseOf(options, file, browsedObjects),
		firstRows: async (name, file) => inDatabaseOf(options, file, (db) => firstRowsOf(db, name)),
		requireDatabase: async (db, isAdopted) => {
			requireInitialDatabase(db, dirname(configFileOf(options)));
			if (isAdopted) await inDatabaseOf(options, db, introspect);
		},
		initialise: async (request) => initialised(options, request).map(near),
		pulled: (format) => pullPreviewOf(projectAt(options), format, cwd, options),
		writePulled: async (files) => writePulled({files}, projectAt(options).modelsDir).map(near),
		baseline: async (name, signal) => {
			const config = projectAt(options);
			const {applied, drift} = await baseline({
				...config,
				signal,
				onWait: options.onWait,
				name,
				decisions: noDecisions,
				answers: undefined,
				now: new Date(),
				toolVersion: version,
			});
			if (drift !== undefined && drift.questions.length > 0) throw openQuestionsError(name, drift.questions);
			return applied.at(-1) ?? name;
		},
	};
}

/** Returns an error for the open questions of a drifted database. They are too rare to have screens, so they are answered with flags. */
function openQuestionsError(name: string, questions: readonly Question[]): MigrError {
	return new MigrError('answerNeeded', questions.map(({message}) => message).join('; '), {
		details: questions.flatMap(({flags}) => flags),
		hint: `run lite-migr baseline ${name} with the flag that is correct`,
	});
}

const noRows: FillTrial = {isValid: true, samples: [], nulls: 0};

/** Returns why some work fails. Undefined if it succeeds. */
async function problemOf(work: () => Promise<unknown>): Promise<MigrError | undefined> {
	try {
		await work();
		return undefined;
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
}

/**
 * Replaces the error for an expression that is not fully typed yet, because it is about the text after the expression. Removes the name that a
 * server's errors start with.
 */
function withIncompleteReported(trial: FillTrial, {path}: Database): FillTrial {
	if (trial.isValid) return trial;
	const message = trial.message.startsWith(`${path}: `) ? trial.message.slice(path.length + 2) : trial.message;
	const isPart = /^(near "(AS|\)|,)": syntax error|incomplete input|unrecognized token: "['"].*|the .* that opens here is never closed)/s.test(
		message,
	);
	return {isValid: false, message: isPart ? 'incomplete expression' : message};
}

async function withProject<T>(options: ProjectOptions, work: (config: Config, db: Database | undefined) => T | Promise<T>): Promise<T> {
	const config = projectAt(options);
	return await withDatabase(config, (db) => work(config, db), options);
}

function restorePlanOf(config: Config, backup: BackupFile, near: (path: string) => string): RestorePlan {
	const {id, tables, migrations, damage} = planRestore(config.dbPath, backup, config.wranglerTable);
	return {
		id,
		backup,
		database: near(config.dbPath),
		tables,
		migrations,
		damage,
	};
}

/** Reads a database file of the working folder, or the database of the project. */
async function inDatabaseOf<T>(options: ProjectOptions, file: string | undefined, work: (db: Database) => T): Promise<T> {
	if (file === undefined) {
		return await withProject(options, async (_config, db) => {
			const found = db ?? openInMemory();
			try {
				return work(found);
			} finally {
				if (found !== db) found.close();
			}
		});
	}
	const db = await openWithRetry(join(options.cwd, file), {readonly: true, onWait: options.onWait});
	try {
		return work(db);
	} finally {
		db.close();
	}
}

/** Returns the configuration file that setup writes. */
function configFileOf({cwd, config}: ProjectOptions): string {
	return config === undefined ? join(cwd, configName) : resolve(cwd, config);
}

function initialised(options: ProjectOptions, request: Parameters<Services['initialise']>[0]): readonly string[] {
	const file = configFileOf(options);
	const {firstModel: language, ...paths} = request;
	const isNew = writeConfig(file, paths);
	const config = projectAt({...options, config: file, db: undefined});
	const hasFolder = makeFolder(config.migrationsDir);
	const model = language === null ? undefined : firstModel(config.modelsDir, language);
	return [...(isNew ? [file] : []), ...(hasFolder ? [`${config.migrationsDir}/`] : []), ...(model === undefined ? [] : [model])];
}
