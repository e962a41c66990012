import {effectSampleText, effectSentences, losesData} from '../../core/migrations/effect-text.ts';
import type {TableEffect} from '../../core/migrations/event.ts';
import {clean} from '../../core/text/clean.ts';
import type {Output} from './output.ts';

/** Prints what statements did to rows, as measured: one line per fact, losses first, then some of the rows. */
export function printEffects(tables: readonly TableEffect[], showsSamples: boolean, output: Output): void {
	for (const effect of [...tables.filter(losesData), ...tables.filter((one) => !losesData(one))]) printEffect(effect, showsSamples, output);
}

function printEffect(effect: TableEffect, showsSamples: boolean, output: Output): void {
	const sentences = effectSentences(effect);
	for (const {text, isLoss} of sentences) {
		const sign = isLoss ? output.paint('drop', output.symbols.danger) : output.paint('change', '~');
		output.line(`${sign} ${clean(effect.table)}: ${text}`);
	}
	if (!showsSamples || sentences.length === 0) return;
	for (const sample of effect.samples) output.line(`  │ ${effectSampleText(sample)}`);
}
