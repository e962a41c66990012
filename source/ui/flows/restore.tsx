import {MigrError} from '../../core/errors.ts';
import type {Restored} from '../../core/migrations/backup/restore.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {backupsScreen, restoreScreen} from '../screens/backups.ts';
import {changedLines, changedScreen} from '../screens/changed.ts';
import type {RestorePlan} from '../services.ts';
import type {Ending, Flow} from './flow.ts';
import {sameAs} from './same-as.ts';

/** Lists the backups, and restores one after showing what that changes. */
export async function restoreFlow(flow: Flow, backup: string | undefined): Promise<Ending> {
	const {stage} = flow;
	for (;;) {
		const chosen = backup ?? (await chooseBackup(flow));
		if (chosen === undefined) return 'done';
		const answer = await restoreShown(flow, chosen);
		if (answer.restored !== undefined) {
			const {restored} = answer;
			const same = sameAs(flow, ['lite-migr restore', chosen, '--yes']);
			stage.record((look) => [...restoredLines(restored), ...same(look)]);
			return 'done';
		}
		const {plan} = answer;
		if (backup !== undefined) {
			stage.record(() => [prose(2, span('○ ', 'quiet'), `cancelled; nothing was changed in ${plan.database}`)]);
			return 'stopped';
		}
	}
}

/** Restores exactly what was shown. If the database has changed since then, shows what a restore would change now. */
async function restoreShown({stage, services}: Flow, backup: string): Promise<{readonly plan: RestorePlan; readonly restored?: Restored}> {
	let notice: readonly Line[] | undefined;
	for (;;) {
		const plan = await stage.busy('comparing the backup with the database', services.restorePlan(backup));
		const screen = restoreScreen(plan, Date.now());
		const changed = notice;
		const consent = await stage.show<'cancel' | 'consent'>((done) =>
			changed === undefined ? <ScreenView screen={screen} onDone={done} /> : <ScreenView screen={changedScreen(screen, changed)} onDone={done} />,
		);
		if (consent === 'cancel') return {plan};
		try {
			return {plan, restored: await stage.busy('restoring', services.restore(backup, plan.id))};
		} catch (error) {
			if (!(error instanceof MigrError) || error.code !== 'answerNeeded') throw error;
			notice = changedLines(plan.database, ['nothing was restored; this is what a restore would change now']);
		}
	}
}

async function chooseBackup({stage, services}: Flow): Promise<string | undefined> {
	const backups = await stage.busy('listing backups', services.backups());
	const screen = backupsScreen({backups, now: Date.now()});
	return await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
}

function restoredLines({database, kept, currentMigration: at}: Restored) {
	return [
		prose(2, span('✔ ', 'done'), span(`${database} is restored`, 'strong'), at === null ? '' : `, at ${at}`),
		...(kept === null ? [] : [prose(4, '  ', span('the previous database is kept as ', 'quiet'), span(kept, 'accent'))]),
	];
}
