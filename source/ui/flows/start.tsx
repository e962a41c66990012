import {normalize} from 'node:path';
import {MigrError} from '../../core/errors.ts';
import {flag} from '../../core/text/shell.ts';
import type {BeforeSetUp, InitRequest} from '../existing-database.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {problemScreen} from '../screens/problem.ts';
import {defaultName, type ExistingAnswer, existingScreen, type FirstModel, firstModelScreen, startScreen} from '../screens/start.ts';
import {adoptDatabase} from './adopt.tsx';
import {browseSchema} from './browse.tsx';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine} from './leaving.ts';
import {problemOf} from './problem-of.ts';
import {pullFlow} from './pull.tsx';
import {sameAs} from './same-as.ts';

type Given = Omit<InitRequest, 'firstModel'>;

/** What to set up: the files to write, and what happens afterwards. */
interface SetUp extends ChosenDatabase {
	readonly request: InitRequest;
}

/** Sets up lite-migr in a folder, with a first model if the user chooses one. `given` contains the paths from the command line. */
export async function setUp(flow: Flow, given: Given = {}): Promise<Ending> {
	const {stage, services} = flow;
	const found = await foundIn(flow);
	if (found.existing !== null) {
		const {existing} = found;
		stage.record(() => [prose(2, span('○ ', 'quiet'), `${existing} already exists; left unchanged`)]);
		return 'done';
	}
	const cancelled = () => [cancelledLine('nothing was written')];
	const chosen = await asking(flow, cancelled, () => chooseSetUp(flow, given, found));
	if (chosen === null) {
		stage.record(cancelled);
		return 'cancelled';
	}
	const {request, adopts} = chosen;
	const written = await stage.busy('writing', services.initialise(request));
	const same = sameAsInit(flow, request, written);
	if (adopts === undefined) {
		const before = request.firstModel !== null ? 'edit the model, then ' : request.models === undefined ? 'write a model, then ' : '';
		stage.record((look) => [...setUpLines(written, before), ...same(look)]);
		return 'done';
	}
	stage.record((look) => [...written.map((path) => prose(2, span('✔ ', 'done'), path)), ...same(look)]);
	if (adopts === 'pulled') {
		const pulled = await pullFlow(flow);
		if (pulled !== 'done') return pulled;
	}
	return await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'start'});
}

/** Asks everything that setup needs to know. Returns null if the user stops. Nothing is written. */
async function chooseSetUp(flow: Flow, given: Given, found: BeforeSetUp): Promise<SetUp | null> {
	const {stage} = flow;
	for (let before = found; ; before = await foundIn(flow)) {
		const models = given.models === undefined ? before.models : null;
		const chosen: ChosenDatabase | null =
			given.db === undefined ? await chooseDatabase(flow, {...before, models}) : {db: given.db, adopts: undefined};
		if (chosen === null) return null;
		if (!(await isUsable(flow, chosen))) {
			if (given.db !== undefined) return null;
			continue;
		}
		const paths = {...given, db: chosen.db};
		if (chosen.adopts === 'models' && models !== null) {
			return {...chosen, request: {...paths, models: models.models, casing: models.casing, firstModel: null}};
		}
		if (chosen.adopts !== undefined) return {...chosen, request: {...paths, firstModel: null}};
		const screen = firstModelScreen(models);
		const model = await stage.show<FirstModel | null>((done) => <ScreenView screen={screen} onDone={done} />);
		return model === null ? null : {...chosen, request: {...paths, ...model}};
	}
}

/** Returns what the folder contains. Reads the databases, which another process may have locked. */
function foundIn({stage, services}: Flow): Promise<BeforeSetUp> {
	return stage.busy('reading the folder', services.beforeSetUp());
}

/** Shows why a database cannot be used yet, until it can. Returns false if the user goes back. */
async function isUsable({stage, services}: Flow, {db, adopts}: ChosenDatabase): Promise<boolean> {
	for (;;) {
		try {
			await stage.busy('reading the database', services.requireDatabase(db, adopts !== undefined));
			return true;
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			const screen = problemScreen({
				title: 'The database cannot be set up yet',
				problem: {...problemOf(error), state: 'Nothing was written.'},
				canRetry: true,
			});
			const answer = await stage.show<'back' | 'retry'>((done) => <ScreenView screen={screen} onDone={done} />);
			if (answer === 'back') return false;
		}
	}
}

/** Returns the name of a new database: the one that the configuration of the models names, if any. */
function newNameOf(models: BeforeSetUp['models']): string {
	return models?.database === undefined ? defaultName : normalize(models.database);
}

interface ChosenDatabase {
	/** Undefined for a new `app.db`. */
	readonly db: string | undefined;
	/** Set to mark its tables as applied: with models written from them, or with the existing models. */
	readonly adopts: 'pulled' | 'models' | undefined;
}

/** Asks which database the project is for, and what to do with an existing one. Returns null if the user stops. */
async function chooseDatabase(flow: Flow, {databases, d1, models}: Omit<BeforeSetUp, 'existing'>): Promise<ChosenDatabase | null> {
	const {stage, version} = flow;
	const filled = databases.filter(({tables}) => tables !== 0);
	const [only] = filled;
	const isOnly = databases.length === 1 && d1.length === 0;
	for (;;) {
		const chosen =
			only !== undefined && isOnly
				? {db: only.name}
				: await stage.show<{readonly db: string | undefined} | null>((done) => (
						<ScreenView screen={startScreen({version, databases, d1, newName: newNameOf(models)})} onDone={done} />
					));
		if (chosen === null) return null;
		const found = filled.find(({name}) => name === chosen.db);
		if (found === undefined) return {db: chosen.db, adopts: undefined};
		const screen = existingScreen(found, models, isOnly ? 'stop' : 'back');
		const answer = await stage.show<ExistingAnswer | null>((done) => <ScreenView screen={screen} onDone={done} />);
		if (answer === 'models') return {db: found.name, adopts: 'models'};
		if (answer === 'adopt') return {db: found.name, adopts: 'pulled'};
		if (answer === 'fresh') return {db: databases.some(({name}) => name === defaultName) ? 'new.db' : undefined, adopts: undefined};
		if (answer === 'look') await browseSchema(flow, found.name, found.name);
		else if (isOnly) return null;
	}
}

/** Returns the lines with the same command, and what it does not write: a first model, several model files, a casing. */
function sameAsInit(flow: Flow, {db, migrations, models, casing, firstModel}: InitRequest, written: readonly string[]): ReturnType<typeof sameAs> {
	const isWhole = typeof models !== 'object' && casing === undefined;
	const given = [
		['--db', db],
		['--migrations', migrations],
		['--models', isWhole ? models : undefined],
	] as const;
	const model = firstModel === null ? undefined : written.find((path) => /(?:user\.ts|schema\.sql)$/.test(path));
	const left = [
		...(model === undefined ? [] : [model]),
		...(isWhole ? [] : [`models_dir${casing === undefined ? '' : ' and casing'} in migrate.toml`]),
	];
	const command = ['lite-migr init', ...given.flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value as string)]))];
	return sameAs(flow, command, left.length === 0 ? undefined : `without ${left.join(' and ')}`);
}

function setUpLines(written: readonly string[], before: string): readonly Line[] {
	return [
		...written.map((path) => prose(2, span('✔ ', 'done'), path)),
		prose(12, '  ', span('next      ', 'quiet'), before, span('lite-migr create <name>', 'accent')),
	];
}
