import {prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {nameScreen} from '../screens/name.ts';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine, stoppable, stoppedLines} from './leaving.ts';
import {sameAs} from './same-as.ts';
import {nameComplaint} from './write-draft.tsx';

/** Asks for a name, and marks the tables of the database as created by a migration of that name. No row is changed. */
export async function adoptDatabase(flow: Flow, nameRequest: {readonly title: string; readonly suggestion: string}): Promise<Ending> {
	const {stage, services} = flow;
	const screen = nameScreen({...nameRequest, complaint: nameComplaint});
	const cancelled = () => [cancelledLine('the database was not adopted')];
	const name = await asking(flow, cancelled, () => stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />));
	if (name === undefined) {
		stage.record(cancelled);
		return 'cancelled';
	}
	let migration: string;
	try {
		migration = await stoppable(flow, {what: 'adopting the database', database: 'the database'}, (signal) => services.baseline(name, signal));
	} catch (error) {
		const stopped = stoppedLines(error);
		if (stopped === undefined) throw error;
		stage.record(stopped);
		return 'cancelled';
	}
	const same = sameAs(flow, [`lite-migr baseline ${name}`]);
	stage.record((look) => [prose(2, span('✔ ', 'done'), span(migration, 'strong'), '   marked as applied; no row was changed'), ...same(look)]);
	return 'done';
}
