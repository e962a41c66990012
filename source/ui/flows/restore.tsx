import type {Restored} from '../../core/migrations/backup/restore.ts';
import {prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {backupsScreen, restoreScreen} from '../screens/backups.ts';
import type {Ending, Flow} from './flow.ts';

/** Lists the backups; puts one back after showing what that changes. */
export async function restoreBackup(flow: Flow, wanted: string | undefined): Promise<Ending> {
	const {stage, services} = flow;
	for (;;) {
		const chosen = wanted ?? (await chooseBackup(flow));
		if (chosen === undefined) return 'done';
		const plan = await stage.busy('comparing the backup with the database', services.restorePlan(chosen));
		const now = Date.now();
		const consent = await stage.show<'cancel' | 'consent'>((done) => <ScreenView screen={restoreScreen(plan, now)} onDone={done} />);
		if (consent === 'consent') {
			const restored = await stage.busy('restoring', services.restore(chosen));
			stage.record(() => restoredLines(restored));
			return 'done';
		}
		if (wanted !== undefined) {
			stage.record(() => [prose(2, span('○ ', 'quiet'), `cancelled; nothing was changed in ${plan.database}`)]);
			return 'stopped';
		}
	}
}

async function chooseBackup({stage, services}: Flow): Promise<string | undefined> {
	const backups = await stage.busy('looking for backups', services.backups());
	const screen = backupsScreen({backups, now: Date.now()});
	return await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
}

function restoredLines({database, kept, at}: Restored) {
	return [
		prose(2, span('✔ ', 'done'), span(`${database} is restored`, 'strong'), at === null ? '' : `, at ${at}`),
		...(kept === null ? [] : [prose(4, '  ', span('the state before is kept as ', 'quiet'), span(kept, 'accent'))]),
	];
}
