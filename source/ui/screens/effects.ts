import {causeText, effectSampleText, effectSentences} from '../../core/migrations/effect-text.ts';
import {isLoss} from '../../core/migrations/effects/measured-table.ts';
import type {EffectsEvent, TableEffect} from '../../core/migrations/event.ts';
import {duration} from '../../core/text/numbers.ts';
import {type Line, line, prefixed, prose, ruled, ruledInset, span, spans, together} from '../page/line.ts';
import type {RunRehearsal} from '../services.ts';

/** Formats the duration of a rehearsal: `tried on a copy, 0.8 s`. */
export function rehearsalText({durationMs}: RunRehearsal): string {
	return `tried on a copy, ${duration(durationMs)}`;
}

/** Returns the effects of a migration's statements on a copy: each table with its effects, losses first, and sample rows. */
export function effectLines(effects: readonly EffectsEvent[], migration: string): readonly Line[] {
	const tables = effects.filter((event) => event.migration === migration).flatMap((event) => event.tables);
	return lossesFirst(tables).flatMap((effect) => {
		const sentences = effectSentences(effect);
		if (sentences.length === 0) return [];
		return [
			line(span('~ ', 'change'), span(effect.table, 'strong')),
			...sentences.map(({text, isLoss: needsConsent}) => prose(6, '    ', ...(needsConsent ? [span(`▲ ${text}`, 'danger')] : [text]))),
			...causeLines(effect),
			...sampleLines(effect).map((each) => prefixed(span('    '), each)),
		];
	});
}

/** Returns only the losses, one per line, for a consent screen and for the summary of a run. */
export function effectLossLines(effects: readonly EffectsEvent[], showsSamples: boolean): readonly Line[] {
	return effects
		.flatMap(({tables}) => tables)
		.filter(isLoss)
		.flatMap((effect) => [
			...effectSentences(effect)
				.filter((sentence) => sentence.isLoss)
				.map(({text}) => ruled(span('- ', 'drop'), span(effect.table, 'strong'), `: ${text}`)),
			...(showsSamples ? sampleLines(effect) : []),
		]);
}

function causeLines({by}: TableEffect): readonly Line[] {
	return by.slice(0, 2).map((cause) => {
		const {sql, place} = causeText(cause, (file) => file);
		return prose(8, span('    by  ', 'quiet'), sql, place === '' ? '' : span(`   ${together(place)}`, 'quiet'));
	});
}

function sampleLines({samples}: TableEffect): readonly Line[] {
	if (samples.length === 0) return [];
	const shown = samples.map((sample) => spans(together(effectSampleText(sample, 24))));
	return [ruledInset(shown.flatMap((part, index) => (index === 0 ? part : [span('   '), ...part])))];
}

function lossesFirst(tables: readonly TableEffect[]): readonly TableEffect[] {
	return [...tables.filter(isLoss), ...tables.filter((effect) => !isLoss(effect))];
}
