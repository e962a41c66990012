import type {Decisions} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {HomeChoice} from '../screens/home.ts';
import {nameScreen} from '../screens/name.ts';
import {problemScreen} from '../screens/problem.ts';
import type {Assessment, Overview} from '../services.ts';
import {HomeView} from '../views/home-view.tsx';
import {createMigration, nameComplaint} from './create.tsx';
import type {Ending, Flow} from './flow.ts';
import {browseHistory} from './history.tsx';
import {problemOf} from './problem-of.ts';
import {pullFlow} from './pull.tsx';
import {restoreFlow} from './restore.tsx';
import {runFlow} from './run.tsx';
import {sameAs} from './same-as.ts';
import {setUp} from './start.tsx';

/** Shows the menu, and shows it again after each action until the user quits. */
export async function home(flow: Flow, decisions: Decisions): Promise<Ending> {
	let isOpen = false;
	let at: HomeChoice | undefined;
	for (;;) {
		const overview = await readOverview(flow, isOpen);
		isOpen = true;
		if (overview.configFile === null) {
			if ((await setUp(flow)) !== 'done') return 'done';
			continue;
		}
		const choice = await chooseAtHome(flow, overview, flow.services.assessment(), at);
		if (choice === 'quit') return 'done';
		const ending = await shielded(flow, () => carryOut(flow, choice, decisions));
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
	{stage, version}: Flow,
	overview: Overview,
	assessment: Promise<Assessment>,
	at: HomeChoice | undefined,
): Promise<HomeChoice> {
	return await stage.show<HomeChoice>((done) => <HomeView version={version} overview={overview} assessment={assessment} at={at} onDone={done} />);
}

async function carryOut(flow: Flow, choice: HomeChoice, decisions: Decisions): Promise<Ending> {
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
		case 'baseline':
			return await adopt(flow, {title: 'Adopt the database', suggestion: 'baseline'});
		case 'drift':
			return await adopt(flow, {title: 'Adopt changes made outside lite-migr', suggestion: 'by_hand'});
		case 'refresh':
		case 'quit':
			return 'done';
	}
}

async function adopt(flow: Flow, nameRequest: {readonly title: string; readonly suggestion: string}): Promise<Ending> {
	const {stage, services} = flow;
	const screen = nameScreen({...nameRequest, complaint: nameComplaint});
	const name = await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
	if (name === undefined) return 'stopped';
	const migration = await stage.busy('adopting the database', services.baseline(name));
	const same = sameAs(flow, [`lite-migr baseline ${name}`]);
	stage.record((look) => [prose(2, span('✔ ', 'done'), span(migration, 'strong'), '   marked as applied; no row was changed'), ...same(look)]);
	return 'done';
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
