import {type Finding, sampleText} from '../../core/migrations/finding.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';
import {valueText} from '../../core/text/value.ts';
import type {Output} from './output.ts';

/** Prints what preflight found in the rows: what, up to five of them, the SQL that finds them all, the ways to mend it. */
export function printFindings(findings: readonly Finding[], showsSamples: boolean, output: Output): void {
	for (const [index, finding] of findings.entries()) {
		if (index > 0) output.line();
		printFinding(finding, showsSamples, output);
	}
}

function printFinding({kind, table, column, message, fails, destructive, samples, sql, mend}: Finding, showsSamples: boolean, output: Output): void {
	const {symbols} = output;
	const sign = fails
		? output.paint('drop', symbols.failed)
		: destructive
			? output.paint('drop', symbols.danger)
			: output.paint('change', symbols.notice);
	const place = column === null ? table : `${table}.${column}`;
	const isDrop = kind === 'dropTable' || kind === 'dropColumn';
	output.line(`${sign} ${clean(place)}${isDrop ? '' : ':'} ${clean(message)}`);
	const width = Math.min(40, Math.max(0, ...samples.map(({row}) => clean(row).length)));
	for (const {row, value, becomes} of showsSamples ? samples : []) {
		const shown = `${sampleText({column}, value)}${becomes === undefined ? '' : ` → ${valueText(becomes)}`}`;
		// Which of a row's values has no parent is not known; of what is deleted, all values are meant.
		output.line(kind === 'brokenForeignKey' || kind === 'deleteRows' ? `  │ ${clean(row)}` : `  │ ${clean(row).padEnd(width)}   ${shown}`);
	}
	// Of what is dropped, all rows are meant.
	if (sql !== null && !isDrop) for (const line of cleanLines(`all of them:  ${sql}`).split('\n')) output.verbatim(`  ${output.shown('│')} ${line}`);
	for (const way of mend) output.line(`  ${clean(way)}`);
}
