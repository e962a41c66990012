import {flag} from '../../core/text/shell.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type ExistingAnswer, existingScreen, firstModelScreen, startScreen} from '../screens/start.ts';
import type {FoundDatabase, InitRequest} from '../services.ts';
import {adoptDatabase} from './adopt.tsx';
import {browseSchema} from './browse.tsx';
import type {Ending, Flow} from './flow.ts';
import {pullFlow} from './pull.tsx';
import {sameAs} from './same-as.ts';

/** Sets up lite-migr in a folder, with a first model if the user chooses one. `given` contains the paths from the command line. */
export async function setUp(flow: Flow, given: Omit<InitRequest, 'firstModel'> = {}): Promise<Ending> {
	const {stage, services} = flow;
	const {databases, existing} = await services.beforeSetUp();
	if (existing !== null) {
		stage.record(() => [prose(2, span('○ ', 'quiet'), `${existing} already exists; left unchanged`)]);
		return 'done';
	}
	let db = given.db;
	if (db === undefined) {
		const chosen = await chooseDatabase(flow, databases);
		if (chosen === null) return 'stopped';
		if (chosen.adopts) return await adoptExisting(flow, given, chosen.db);
		db = chosen.db;
	}
	const model = await stage.show<{readonly firstModel: InitRequest['firstModel']} | null>((done) => (
		<ScreenView screen={firstModelScreen()} onDone={done} />
	));
	if (model === null) return 'stopped';
	const written = await stage.busy('writing', services.initialise({...given, db, ...model}));
	// A first model is only written here.
	const same = model.firstModel === null ? sameAs(flow, ['lite-migr init', ...flagsOf({...given, db})]) : () => [];
	stage.record((look) => [...setUpLines(written, model.firstModel !== null), ...same(look)]);
	return 'done';
}

interface ChosenDatabase {
	/** Undefined for a new `app.db`. */
	readonly db: string | undefined;
	/** True to write models from its tables and mark them as applied. */
	readonly adopts: boolean;
}

/** Asks which database the project is for, and what to do with an existing one. Returns null if the user stops. */
async function chooseDatabase(flow: Flow, databases: readonly FoundDatabase[]): Promise<ChosenDatabase | null> {
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
		if (found === undefined) return {db: chosen.db, adopts: false};
		const answer = await stage.show<ExistingAnswer | null>((done) => <ScreenView screen={existingScreen(found)} onDone={done} />);
		if (answer === 'adopt') return {db: found.name, adopts: true};
		if (answer === 'fresh') return {db: databases.some(({name}) => name === 'app.db') ? 'new.db' : undefined, adopts: false};
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

function flagsOf({db, migrations, models}: Omit<InitRequest, 'firstModel'>): readonly string[] {
	const given = [
		['--db', db],
		['--migrations', migrations],
		['--models', models],
	] as const;
	return given.flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value)]));
}

function setUpLines(written: readonly string[], hasModel: boolean): readonly Line[] {
	return [
		...written.map((path) => prose(2, span('✔ ', 'done'), path)),
		prose(9, '  ', span('next   ', 'quiet'), hasModel ? 'edit the model, then ' : 'write a model, then ', span('lite-migr create <name>', 'accent')),
	];
}
