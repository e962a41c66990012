import {ScreenView} from '../page/screen-view.tsx';
import {historyScreen, migrationScreen} from '../screens/history.ts';
import {editFile} from './create.tsx';
import type {Ending, Flow} from './flow.ts';

/** The history as a list, each migration on demand. */
export async function browseHistory(flow: Flow): Promise<Ending> {
	const {stage, services} = flow;
	let at: string | undefined;
	for (;;) {
		const [overview, entries] = await stage.busy('reading the history', Promise.all([services.overview(), services.history()]));
		const screen = historyScreen({overview, entries, ...(at === undefined ? {} : {at})});
		const chosen = await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
		const entry = entries.find(({name}) => name === chosen);
		if (entry === undefined) return 'done';
		at = entry.name;
		const details = await stage.busy('reading the migration', services.migration(entry.name));
		const answer = await stage.show<'back' | 'edit'>((done) => <ScreenView screen={migrationScreen(entry, details, overview.now)} onDone={done} />);
		if (answer === 'edit' && details.path !== null) await editFile(flow, details.path);
	}
}
