import {ScreenView} from '../page/screen-view.tsx';
import {type HistoryChoice, historyRecord, migrationScreen} from '../screens/history.ts';
import type {Assessment} from '../services.ts';
import {HistoryView} from '../views/history-view.tsx';
import type {Ending, Flow} from './flow.ts';
import {runFlow} from './run.tsx';
import {editFile} from './write-draft.tsx';

export interface HistoryFlowOptions {
	/** True to leave the counts on the terminal, if no menu follows to show them. */
	readonly leavesRecord: boolean;
}

/** Shows the history as a list, and each migration on demand. A migration can also be the target of an upgrade or downgrade. */
export async function browseHistory(flow: Flow, {leavesRecord}: HistoryFlowOptions): Promise<Ending> {
	const {stage, services} = flow;
	let at: string | undefined;
	let assessment: Promise<Assessment> | undefined;
	for (;;) {
		const [overview, entries] = await stage.busy('reading the history', Promise.all([services.overview(), services.history()]));
		assessment ??= services.assessment();
		const props = {overview, entries, assessment, at, read: services.migration, back: leavesRecord ? 'quit' : undefined};
		const chosen = await stage.show<HistoryChoice | undefined>((done) => <HistoryView {...props} onDone={done} />);
		const entry = entries.find(({name}) => name === chosen?.name);
		if (entry === undefined || chosen === undefined) {
			if (leavesRecord) stage.record(() => historyRecord(overview, entries));
			return 'done';
		}
		at = entry.name;
		if (chosen.action !== 'open') {
			await runFlow(flow, {direction: chosen.action === 'upgradeTo' ? 'upgrade' : 'downgrade', to: entry.name}, {reviews: true});
			assessment = undefined;
			continue;
		}
		const details = await stage.busy('reading the migration', services.migration(entry.name));
		const answer = await stage.show<'back' | 'edit'>((done) => <ScreenView screen={migrationScreen(entry, details, overview.now)} onDone={done} />);
		if (answer === 'edit' && details.path !== null) {
			await editFile(flow, details.path);
			assessment = undefined;
		}
	}
}
