import type {Question} from '../../core/diff/question.ts';
import type {Evidence} from '../../core/migrations/draft/evidence.ts';
import {plural} from '../../core/text/numbers.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {aligned} from '../page/columns.ts';
import {type Line, line, prose, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, narrow, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {FillAnswer} from './fill.ts';
import type {Answer} from './question.ts';

export interface SameAnswerProps {
	/** The other questions that the answer fits, with the evidence in their rows. */
	readonly questions: readonly {readonly question: Question; readonly evidence: Evidence}[];
	readonly answer: Answer | FillAnswer;
}

/** Lists what one answer to several questions means, before it is given. The result is false if the user goes back. */
export function sameAnswerScreen(props: SameAnswerProps): Screen<ScrollState, boolean> {
	const view = (state: ScrollState, look: Look): Page => ({
		title: line(span(`The same answer for ${plural(props.questions.length, 'more question')}`, 'strong')),
		body: linesOf(props, look),
		offset: state.offset,
		bottom: [line(), prose(0, span('To answer one of them differently, go back and answer them one by one.', 'quiet'))],
		hints: [
			{keys: 'enter', label: `answer ${plural(props.questions.length, 'question')}`},
			{keys: '↑↓', label: 'scroll', isExtra: true},
			{keys: 'esc', label: 'back', explanation: 'answers only the first one again'},
		],
	});
	return {
		initial: () => scrollTop,
		reduce: (state, key, look) => {
			if (key.name === 'enter') return done(state, true);
			if (key.name === 'escape' || types(key, 'q') || types(key, 'b')) return done(state, false);
			return next(reduceScroll(state, key, layout(view(state, look), look).body));
		},
		view,
	};
}

function linesOf({questions, answer}: SameAnswerProps, look: Look): readonly Line[] {
	const rows = questions.map((one) => cellsOf(one, answer));
	if (look.columns < narrow)
		return rows.map((cells) => prose(6, '  ', ...cells.flatMap((cell, index) => (index === 0 ? [cell] : [span('  '), cell]))));
	return aligned(rows, look).map((cells): Line => ({spans: [span('  '), ...cells]}));
}

function cellsOf({question, evidence}: SameAnswerProps['questions'][number], answer: SameAnswerProps['answer']): readonly (readonly Span[])[] {
	const name = question.column === undefined ? question.table : `${question.table}.${question.column}`;
	const valuesOf = (candidate: string) => evidence.candidates.find((one) => one.name === candidate)?.values ?? 0;
	switch (answer.kind) {
		case 'rename':
			return [
				spans(
					span('~', 'change'),
					question.column === undefined ? ` ${answer.from} → ${name}` : ` ${question.table}.${answer.from} → ${question.column}`,
				),
				spans(span(`keeps ${plural(valuesOf(answer.from), 'value')}`, 'quiet')),
			];
		case 'new': {
			const gone = question.kind === 'rename' ? question.candidates.map((candidate) => candidate.name) : [];
			const values = gone.reduce((sum, each) => sum + valuesOf(each), 0);
			return [spans(span('+', 'add'), ` ${name}`), lossOf(values, `${gone.join(', ')} dropped`)];
		}
		case 'drop':
			return [spans(span('-', 'drop'), ` ${name}`), lossOf(evidence.candidates[0]?.values ?? 0, 'no rows or values')];
		case 'ignore':
			return [spans(span('○', 'quiet'), ` ${name}`), spans(span('ignored', 'quiet'))];
		case 'fill':
			return [spans(span('~', 'change'), ` ${name}`), spans(span(answer.expression))];
		case 'later':
		case 'back':
			return [spans(name)];
	}
}

function lossOf(values: number, ofNone: string): readonly Span[] {
	return values === 0 ? spans(span(ofNone, 'quiet')) : spans(span(`▲ loses ${plural(values, 'row or value', 'rows or values')}`, 'danger'));
}
