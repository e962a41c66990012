import {flag} from '../../core/text/shell.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {firstModelScreen, startScreen} from '../screens/start.ts';
import type {InitRequest} from '../services.ts';
import type {Ending, Flow} from './flow.ts';
import {sameAs} from './same-as.ts';

/** Sets up lite-migr in a folder, with a first model if the user chooses one. `given` contains the paths from the command line. */
export async function setUp(flow: Flow, given: Omit<InitRequest, 'firstModel'> = {}): Promise<Ending> {
	const {stage, services, version} = flow;
	const {databases, existing} = await services.beforeSetUp();
	if (existing !== null) {
		stage.record(() => [prose(2, span('○ ', 'quiet'), `${existing} already exists; left unchanged`)]);
		return 'done';
	}
	let db = given.db;
	if (db === undefined) {
		const chosen = await stage.show<{readonly db: string | undefined} | null>((done) => (
			<ScreenView screen={startScreen({version, databases})} onDone={done} />
		));
		if (chosen === null) return 'stopped';
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
