import {MigrError} from '../../core/errors.ts';
import type {PullFormat} from '../../core/pull/pull.ts';
import {afterPull} from '../../core/pull/pull-text.ts';
import type {PullPreview} from '../existing-database.ts';
import {type Line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {problemScreen} from '../screens/problem.ts';
import {filesToWrite, needsPullConsent, type PullAnswer, type PullView, pullConsentScreen, pullScreen} from '../screens/pull.ts';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine} from './leaving.ts';
import {problemOf} from './problem-of.ts';
import {sameAs} from './same-as.ts';

/** Shows models generated from the database, in a format of choice. Writes them if the user confirms. Overwriting requires typing the file name. */
export async function pullFlow(flow: Flow, format: PullFormat = 'ts'): Promise<Ending> {
	const {stage, services} = flow;
	let preview = await stage.busy('writing models', services.pulled(format));
	let formats: readonly PullFormat[] = ['ts', 'sql', 'drizzle'];
	let shows: PullView = 'summary';
	for (;;) {
		const screen = pullScreen({preview, formats, shows});
		const answer = await asking(flow, cancelled, () => stage.show<PullAnswer>((done) => <ScreenView screen={screen} onDone={done} />));
		if (answer === 'stop') return stopped(flow);
		if (answer === 'write') return await write(flow, preview);
		shows = answer.shows;
		const other = await inFormat(flow, answer.format);
		// A format that is not available is not offered again, so that the formats after it can be reached.
		if (other === undefined) formats = formats.filter((each) => each !== answer.format);
		else preview = other;
	}
}

/**
 * Generates the models in a format. Returns undefined if that fails and the user goes back: Drizzle models are verified with the project's own
 * drizzle-orm.
 */
async function inFormat({stage, services}: Flow, format: PullFormat): Promise<PullPreview | undefined> {
	for (;;) {
		try {
			return await stage.busy('writing models', services.pulled(format));
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			const screen = problemScreen({title: 'That did not work', problem: problemOf(error), canRetry: true});
			const answer = await stage.show<'back' | 'retry'>((done) => <ScreenView screen={screen} onDone={done} />);
			if (answer === 'back') return undefined;
		}
	}
}

async function write(flow: Flow, preview: PullPreview): Promise<Ending> {
	const {stage, services} = flow;
	if (needsPullConsent(preview)) {
		const consent = await asking(flow, cancelled, () =>
			stage.show<'cancel' | 'consent'>((done) => <ScreenView screen={pullConsentScreen(preview)} onDone={done} />),
		);
		if (consent === 'cancel') return stopped(flow);
	}
	const files = filesToWrite(preview);
	const paths = files.length === 0 ? [] : await stage.busy('writing the files', services.writePulled(files));
	const same = sameAs(flow, [
		'lite-migr pull',
		...(preview.format === 'ts' ? [] : ['--format', preview.format]),
		...(needsPullConsent(preview) ? ['--yes'] : []),
	]);
	stage.record((look) => [...writtenLines(preview, paths), ...same(look)]);
	return 'done';
}

function stopped({stage}: Flow): Ending {
	stage.record(cancelled);
	return 'cancelled';
}

function cancelled(): readonly Line[] {
	return [cancelledLine('nothing was written')];
}

/** Returns the same lines as the plain output. */
function writtenLines({files, found, notes}: PullPreview, paths: readonly string[]): readonly Line[] {
	return [
		...files.filter(({isSame}) => isSame).map(({path}) => prose(2, span('✔ ', 'done'), span(path, 'strong'), ' is already up to date')),
		...paths.map((path) => prose(2, span('✔ ', 'done'), 'wrote ', span(path, 'strong'))),
		prose(2, '  ', span(found, 'quiet')),
		...notes.map((note) => prose(2, span('! ', 'notice'), note)),
		prose(2, '  ', span('next: ', 'quiet'), span(afterPull, 'accent')),
	];
}
