import {flag} from '../../core/text/shell.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type ExistingAnswer, existingScreen, type FirstModel, firstModelScreen, startScreen} from '../screens/start.ts';
import type {FoundDatabase, InitRequest} from '../services.ts';
import {adoptDatabase} from './adopt.tsx';
import {browseSchema} from './browse.tsx';
import type {Ending, Flow} from './flow.ts';
import {pullFlow} from './pull.tsx';
import {sameAs} from './same-as.ts';

/** Sets up lite-migr in a folder, with a first model if the user chooses one. `given` contains the paths from the command line. */
export async function setUp(flow: Flow, given: Omit<InitRequest, 'firstModel'> = {}): Promise<Ending> {
	const {stage, services} = flow;
	const {databases, existing, prismaSchema} = await services.beforeSetUp();
	if (existing !== null) {
		stage.record(() => [prose(2, span('○ ', 'quiet'), `${existing} already exists; left unchanged`)]);
		return 'done';
	}
	let db = given.db;
	if (db === undefined) {
		const chosen = await chooseDatabase(flow, databases, given.models === undefined ? prismaSchema : null);
		if (chosen === null) return 'stopped';
		if (chosen.adopts === 'prisma' && prismaSchema !== null) return await adoptWithModels(flow, {...given, db: chosen.db, models: prismaSchema});
		if (chosen.adopts !== undefined) return await adoptExisting(flow, given, chosen.db);
		db = chosen.db;
	}
	const screen = firstModelScreen(given.models === undefined ? prismaSchema : null);
	const model = await stage.show<FirstModel | null>((done) => <ScreenView screen={screen} onDone={done} />);
	if (model === null) return 'stopped';
	const written = await stage.busy('writing', services.initialise({...given, db, ...model}));
	// A first model is only written here.
	const same = model.firstModel === null ? sameAs(flow, ['lite-migr init', ...flagsOf({...given, db, ...model})]) : () => [];
	const after = model.firstModel !== null ? 'edit the model, then ' : model.models === undefined ? 'write a model, then ' : '';
	stage.record((look) => [...setUpLines(written, after), ...same(look)]);
	return 'done';
}

interface ChosenDatabase {
	/** Undefined for a new `app.db`. */
	readonly db: string | undefined;
	/** Set to mark its tables as applied: with models written from them, or with the Prisma schema. */
	readonly adopts: 'pulled' | 'prisma' | undefined;
}

/** Asks which database the project is for, and what to do with an existing one. Returns null if the user stops. */
async function chooseDatabase(flow: Flow, databases: readonly FoundDatabase[], prismaSchema: string | null): Promise<ChosenDatabase | null> {
	const {stage, version} = flow;
	const filled = databases.filter(({tables}) => tables !== 0);
	for (;;) {
		const [only] = filled;
		const chosen =
			only !== undefined && filled.length === 1 && databases.length === 1
				? {db: only.name}
				: await stage.show<{readonly db: string | undefined} | null>((done) => (
						<ScreenView screen={startScreen({version, databases})} onDone={done} />
					));
		if (chosen === null) return null;
		const found = filled.find(({name}) => name === chosen.db);
		if (found === undefined) return {db: chosen.db, adopts: undefined};
		const screen = existingScreen(found, prismaSchema);
		const answer = await stage.show<ExistingAnswer | null>((done) => <ScreenView screen={screen} onDone={done} />);
		if (answer === 'prisma') return {db: found.name, adopts: 'prisma'};
		if (answer === 'adopt') return {db: found.name, adopts: 'pulled'};
		if (answer === 'fresh') return {db: databases.some(({name}) => name === 'app.db') ? 'new.db' : undefined, adopts: undefined};
		if (answer === 'look') await browseSchema(flow, found.name, found.name);
		else if (databases.length === 1) return null;
	}
}

/** Writes migrate.toml, models from the tables of the database, and a first migration that is marked as applied. No table is changed. */
async function adoptExisting(flow: Flow, given: Omit<InitRequest, 'firstModel'>, db: string | undefined): Promise<Ending> {
	const {stage, services} = flow;
	const written = await stage.busy('writing', services.initialise({...given, db, firstModel: null}));
	const same = sameAs(flow, ['lite-migr init', ...flagsOf({...given, db})]);
	stage.record((look) => [...written.map((path) => prose(2, span('✔ ', 'done'), path)), ...same(look)]);
	const pulled = await pullFlow(flow);
	return pulled === 'done' ? await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'start'}) : pulled;
}

/** Writes migrate.toml for existing models, and a first migration that is marked as applied. No table is changed. */
async function adoptWithModels(flow: Flow, paths: Omit<InitRequest, 'firstModel'>): Promise<Ending> {
	const {stage, services} = flow;
	const written = await stage.busy('writing', services.initialise({...paths, firstModel: null}));
	const same = sameAs(flow, ['lite-migr init', ...flagsOf(paths)]);
	stage.record((look) => [...written.map((path) => prose(2, span('✔ ', 'done'), path)), ...same(look)]);
	return await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'start'});
}

function flagsOf({db, migrations, models}: Omit<InitRequest, 'firstModel'>): readonly string[] {
	const given = [
		['--db', db],
		['--migrations', migrations],
		['--models', models],
	] as const;
	return given.flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value)]));
}

function setUpLines(written: readonly string[], before: string): readonly Line[] {
	return [
		...written.map((path) => prose(2, span('✔ ', 'done'), path)),
		prose(9, '  ', span('next   ', 'quiet'), before, span('lite-migr create <name>', 'accent')),
	];
}
