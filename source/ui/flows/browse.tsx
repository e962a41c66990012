import {ScreenView} from '../page/screen-view.tsx';
import {browserScreen} from '../screens/browser.ts';
import {ObjectView} from '../views/object-view.tsx';
import type {Ending, Flow} from './flow.ts';

/**
 * Shows the tables and views of a database, and each one on demand. Changes nothing.
 *
 * @param file a database file in the working folder, or undefined for the database of the project
 */
export async function browseSchema({stage, services, hidesSamples}: Flow, database: string, file?: string): Promise<Ending> {
	const objects = await stage.busy('reading the tables', services.browse(file));
	let at: string | undefined;
	for (;;) {
		const screen = browserScreen({database, objects, at});
		at = await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
		const object = objects.find(({name}) => name === at);
		if (object === undefined) return 'done';
		const rows = services.firstRows(object.name, file).catch((error: Error) => ({columns: [], rows: [], problem: error.message}));
		await stage.show<'back'>((done) => <ObjectView object={object} rows={rows} hidesSamples={hidesSamples} onDone={done} />);
	}
}
