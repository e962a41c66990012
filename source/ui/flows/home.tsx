import type {Decisions} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {HomeChoice} from '../screens/home.ts';
import {problemScreen} from '../screens/problem.ts';
import type {Assessment, Overview} from '../services.ts';
import {HomeView} from '../views/home-view.tsx';
import {adoptDatabase} from './adopt.tsx';
import {browseSchema} from './browse.tsx';
import {createMigration} from './create.tsx';
import type {Ending, Flow} from './flow.ts';
import {browseHistory} from './history.tsx';
import {problemOf} from './problem-of.ts';
import {pullFlow} from './pull.tsx';
import {restoreFlow} from './restore.tsx';
import {runFlow} from './run.tsx';
import {setUp} from './start.tsx';
import {showWatched, stateOf} from './watch.ts';

/** Shows the menu, and shows it again after each action until the user quits. */
export async function home(flow: Flow, decisions: Decisions): Promise<Ending> {
	let isOpen = false;
	let at: HomeChoice | undefined;
	for (;;) {
		const overview = await readOverview(flow, isOpen);
		isOpen = true;
		if (overview.configFile === null) {
			const ending = await setUp(flow);
			// Setup may have written the configuration before the user stopped.
			if (ending !== 'done' && (await readOverview(flow, isOpen)).configFile === null) return 'done';
			continue;
		}
		const known = stateOf(flow.services);
		const choice = await chooseAtHome(flow, {overview, known, assessment: flow.services.assessment()}, at, (selected) => {
			at = selected;
		});
		// The menu shows the new state, and the selection stays where it is.
		if (choice === 'changed') continue;
		if (choice === 'quit') return 'done';
		const ending = await shielded(flow, () => carryOut(flow, choice, overview, decisions));
		// After something was done, the menu starts on the next step. Otherwise it stays on the last choice.
		at =
			choice === 'refresh' || (ending === 'done' && choice === 'create') ? undefined : ending === 'done' && choice === 'upgrade' ? 'status' : choice;
	}
}

/**
 * Reads the state of the project. After the menu has been open, a server may no longer answer: the problem is shown, and the user can try again.
 *
 * @throws MigrError the problem, if the user leaves
 */
async function readOverview({stage, services}: Flow, isOpen: boolean): Promise<Overview> {
	for (;;) {
		try {
			return await stage.busy('reading the database', services.overview());
		} catch (error) {
			if (!isOpen || !(error instanceof MigrError)) throw error;
			const screen = problemScreen({
				title: 'The state of the project cannot be read',
				problem: {...problemOf(error), state: ''},
				canRetry: true,
				back: 'quit',
			});
			if ((await stage.show<'back' | 'retry'>((done) => <ScreenView screen={screen} onDone={done} />)) === 'back') throw error;
		}
	}
}

async function chooseAtHome(
	flow: Flow,
	{overview, known, assessment}: {readonly overview: Overview; readonly known: Promise<string | undefined>; readonly assessment: Promise<Assessment>},
	at: HomeChoice | undefined,
	onSelect: (choice: HomeChoice) => void,
): Promise<HomeChoice | 'changed'> {
	return await showWatched<HomeChoice | 'changed'>(
		flow,
		(done) => <HomeView version={flow.version} overview={overview} assessment={assessment} at={at} onSelect={onSelect} onDone={done} />,
		'changed',
		known,
	);
}

async function carryOut(flow: Flow, choice: HomeChoice, overview: Overview, decisions: Decisions): Promise<Ending> {
	switch (choice) {
		case 'create':
			return await createMigration(flow, {name: undefined, decisions});
		case 'upgrade':
			return await runFlow(flow, {direction: 'upgrade'}, {reviews: true});
		case 'downgrade':
			return await runFlow(flow, {direction: 'downgrade', steps: 1}, {reviews: true});
		case 'status':
			return await browseHistory(flow, {leavesRecord: false});
		case 'backups':
			return await restoreFlow(flow, undefined);
		case 'pull':
			return await pullFlow(flow);
		case 'browse':
			return await browseSchema(flow, overview.database);
		case 'baseline':
			return await adoptDatabase(flow, {title: 'Adopt the database', suggestion: 'baseline'});
		case 'drift':
			return await adoptDatabase(flow, {title: 'Adopt changes made outside lite-migr', suggestion: 'by_hand'});
		case 'refresh':
		case 'quit':
			return 'done';
	}
}

/** Runs a menu action. A problem that the user can fix is shown as a screen, and the menu continues. */
async function shielded(flow: Flow, action: () => Promise<Ending>): Promise<Ending> {
	for (;;) {
		try {
			return await action();
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			const screen = problemScreen({title: 'That did not work', problem: problemOf(error), canRetry: true});
			const answer = await flow.stage.show<'back' | 'retry'>((done) => <ScreenView screen={screen} onDone={done} />);
			if (answer === 'back') return 'failed';
		}
	}
}
