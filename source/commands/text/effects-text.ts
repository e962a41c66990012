import {causeText, effectSampleText, effectSentences} from '../../core/migrations/effect-text.ts';
import {isLoss} from '../../core/migrations/effects/measured-table.ts';
import type {TableEffect} from '../../core/migrations/event.ts';
import {clean} from '../../core/text/clean.ts';
import {shownPath} from './error-text.ts';
import type {Output} from './output.ts';

export interface EffectsTextOptions {
	readonly cwd: string;
	readonly showsSamples: boolean;
}

/** Prints the measured effects of statements on rows: one line per effect, losses first, then the statement and sample rows. */
export function printEffects(tables: readonly TableEffect[], options: EffectsTextOptions, output: Output): void {
	for (const effect of [...tables.filter(isLoss), ...tables.filter((one) => !isLoss(one))]) printEffect(effect, options, output);
}

function printEffect(effect: TableEffect, {cwd, showsSamples}: EffectsTextOptions, output: Output): void {
	const sentences = effectSentences(effect);
	for (const {text, isLoss: needsConsent} of sentences) {
		const sign = needsConsent ? output.paint('drop', output.symbols.danger) : output.paint('change', '~');
		output.line(`${sign} ${clean(effect.table)}: ${text}`);
	}
	if (!showsSamples || sentences.length === 0) return;
	const [cause] = effect.by;
	if (cause !== undefined) {
		const {sql, place} = causeText(cause, (file) => shownPath(file, cwd));
		output.line(`  │ by ${sql}${place === '' ? '' : `   ${output.paint('quiet', place)}`}`);
	}
	for (const sample of effect.samples) output.line(`  │ ${effectSampleText(sample)}`);
}
