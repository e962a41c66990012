import {MigrError} from '../../core/errors.ts';
import type {Restored} from '../../core/migrations/backup/restore.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {backupsScreen, restoreScreen} from '../screens/backups.ts';
import {changedLines, changedScreen} from '../screens/changed.ts';
import type {LinesFor} from '../stage/stage.ts';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine, stoppable, stoppedLines} from './leaving.ts';
import {sameAs} from './same-as.ts';

/** Lists the backups, and restores one after showing what that changes. `back` is what leaving the list does. */
export async function restoreFlow(flow: Flow, backup: string | undefined, back?: string): Promise<Ending> {
	const {stage} = flow;
	let isCancelled = false;
	for (;;) {
		const chosen = backup ?? (await chooseBackup(flow, back));
		if (chosen === undefined) return isCancelled ? 'cancelled' : 'done';
		const answer = await restoreShown(flow, chosen);
		if (answer.restored !== undefined) {
			const {restored} = answer;
			const same = sameAs(flow, ['lite-migr restore', chosen, '--yes']);
			stage.record((look) => [...restoredLines(restored), ...same(look)]);
			return 'done';
		}
		isCancelled = true;
		if (backup !== undefined || answer.isStopped === true) {
			stage.record(answer.cancelled);
			return 'cancelled';
		}
	}
}

interface Answer {
	readonly restored?: Restored;
	/** True if the restore was stopped after it had started. */
	readonly isStopped?: true;
	/** The lines to leave on the terminal if nothing was restored. */
	readonly cancelled: LinesFor;
}

/** Restores exactly what was shown. If the database has changed since then, shows what a restore would change now. */
async function restoreShown(flow: Flow, backup: string): Promise<Answer> {
	const {stage, services} = flow;
	let notice: readonly Line[] | undefined;
	for (;;) {
		const plan = await stage.busy('comparing the backup with the database', services.restorePlan(backup));
		const screen = restoreScreen(plan, Date.now());
		const changed = notice;
		const cancelled = () => [cancelledLine(`nothing was changed in ${plan.database}`)];
		const consent = await asking(flow, cancelled, () =>
			stage.show<'cancel' | 'consent'>((done) =>
				changed === undefined ? <ScreenView screen={screen} onDone={done} /> : <ScreenView screen={changedScreen(screen, changed)} onDone={done} />,
			),
		);
		if (consent === 'cancel') return {cancelled};
		try {
			const {database} = plan;
			const restored = await stoppable(flow, {what: 'restoring', database}, (signal) => services.restore(backup, plan.id, signal));
			return {cancelled, restored};
		} catch (error) {
			const stopped = stoppedLines(error);
			if (stopped !== undefined) return {cancelled: stopped, isStopped: true};
			if (!(error instanceof MigrError) || error.code !== 'answerNeeded') throw error;
			notice = changedLines(plan.database, ['nothing was restored; this is what a restore would change now']);
		}
	}
}

async function chooseBackup({stage, services}: Flow, back: string | undefined): Promise<string | undefined> {
	const backups = await stage.busy('listing backups', services.backups());
	const screen = backupsScreen({backups, now: Date.now(), back});
	return await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
}

function restoredLines({database, kept, currentMigration: at}: Restored) {
	return [
		prose(2, span('✔ ', 'done'), span(`${database} is restored`, 'strong'), at === null ? '' : `, at ${at}`),
		...(kept === null ? [] : [prose(4, '  ', span('the previous database is kept as ', 'quiet'), span(kept, 'accent'))]),
	];
}
