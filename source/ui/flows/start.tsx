import {flag} from '../../core/text/shell.ts';
import type {BeforeSetUp, InitRequest} from '../existing-database.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type ExistingAnswer, existingScreen, type FirstModel, firstModelScreen, startScreen} from '../screens/start.ts';
import {adoptDatabase} from './adopt.tsx';
import {browseSchema} from './browse.tsx';
import type {Ending, Flow} from './flow.ts';
import {pullFlow} from './pull.tsx';
import {sameAs} from './same-as.ts';

/** Sets up lite-migr in a folder, with a first model if the user chooses one. `given` contains the paths from the command line. */
export async function setUp(flow: Flow, given: Omit<InitRequest, 'firstModel'> = {}): Promise<Ending> {
	const {stage, services} = flow;
	const {databases, d1, existing, models} = await services.beforeSetUp();
	if (existing !== null) {
		stage.record(() => [prose(2, span('○ ', 'quiet'), `${existing} already exists; left unchanged`)]);
		return 'done';
	}
	let db = given.db;
	if (db === undefined) {
		const chosen = await chooseDatabase(flow, {databases, d1, models: given.models === undefined ? models : null});
		if (chosen === null) return 'stopped';
		if (chosen.adopts === 'models' && models !== null) {
			return await adoptWithModels(flow, {...given, db: chosen.db, models: models.models, casing: models.casing});
		}
		if (chosen.adopts !== undefined) return await adoptExisting(flow, given, chosen.db);
		db = chosen.db;
	}
	const screen = firstModelScreen(given.models === undefined ? models : null);
	const model = await stage.show<FirstModel | null>((done) => <ScreenView screen={screen} onDone={done} />);
	if (model === null) return 'stopped';
	const written = await stage.busy('writing', services.initialise({...given, db, ...model}));
	const same = sameAsInit(flow, {...given, db, ...model});
	const after = model.firstModel !== null ? 'edit the model, then ' : model.models === undefined ? 'write a model, then ' : '';
	stage.record((look) => [...setUpLines(written, after), ...same(look)]);
	return 'done';
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
						<ScreenView screen={startScreen({version, databases, d1})} onDone={done} />
					));
		if (chosen === null) return null;
		const found = filled.find(({name}) => name === chosen.db);
		if (found === undefined) return {db: chosen.db, adopts: undefined};
		const screen = existingScreen(found, models, isOnly ? 'stop' : 'back');
		const answer = await stage.show<ExistingAnswer | null>((done) => <ScreenView screen={screen} onDone={done} />);
		if (answer === 'models') return {db: found.name, adopts: 'models'};
		if (answer === 'adopt') return {db: found.name, adopts: 'pulled'};
		if (answer === 'fresh') return {db: databases.some(({name}) => name === 'app.db') ? 'new.db' : undefined, adopts: undefined};
		if (answer === 'look') await browseSchema(flow, found.name, found.name);
		else if (isOnly) return null;
	}
}

/** Writes migrate.toml, models from the tables of the database, and a first migration that is marked as applied. No table is changed. */
async function adoptExisting(flow: Flow, given: Omit<InitRequest, 'firstModel'>, db: string | undefined): Promise<Ending> {
	const {stage, services} = flow;
	const written = await stage.busy('writing', services.initialise({...given, db, firstModel: null}));
	const same = sameAsInit(flow, {...given, db, firstModel: null});
	stage.record((look) => [...written.map((path) => prose(2, span('✔ ', 'done'), path)), ...same(look)]);
	const pulled = await pullFlow(flow);
	return pulled === 'done' ? await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'start'}) : pulled;
}

/** Writes migrate.toml for existing models, and a first migration that is marked as applied. No table is changed. */
async function adoptWithModels(flow: Flow, paths: Omit<InitRequest, 'firstModel'>): Promise<Ending> {
	const {stage, services} = flow;
	const written = await stage.busy('writing', services.initialise({...paths, firstModel: null}));
	const same = sameAsInit(flow, {...paths, firstModel: null});
	stage.record((look) => [...written.map((path) => prose(2, span('✔ ', 'done'), path)), ...same(look)]);
	return await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'start'});
}

/** Returns the lines with the same command. There is none for a first model, several model files or a casing, which `init` does not write. */
function sameAsInit(flow: Flow, {db, migrations, models, casing, firstModel}: InitRequest): ReturnType<typeof sameAs> {
	if (firstModel !== null || typeof models === 'object' || casing !== undefined) return () => [];
	const given = [
		['--db', db],
		['--migrations', migrations],
		['--models', models],
	] as const;
	return sameAs(flow, ['lite-migr init', ...given.flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value)]))]);
}

function setUpLines(written: readonly string[], before: string): readonly Line[] {
	return [
		...written.map((path) => prose(2, span('✔ ', 'done'), path)),
		prose(9, '  ', span('next   ', 'quiet'), before, span('lite-migr create <name>', 'accent')),
	];
}
