import {type Finding, sampleText} from '../../core/migrations/finding.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';
import {valueText} from '../../core/text/value.ts';
import type {Output} from './output.ts';

/** Prints what preflight found in the rows: what, up to five of them, the SQL that finds them all, the ways to mend it. */
export function printFindings(findings: readonly Finding[], showsSamples: boolean, output: Output): void {
	const broken = findings.filter(({kind}) => kind === 'brokenForeignKey');
	const told = broken.length > 1 ? findings.filter((finding) => !broken.includes(finding)) : findings;
	for (const [index, finding] of told.entries()) {
		if (index > 0) output.line();
		printFinding(finding, showsSamples, output);
	}
	if (told === findings) return;
	if (told.length > 0) output.line();
	printBroken(broken, output);
}

/** Where foreign keys were never enforced nearly all of them are broken: a line each, since nothing is to be done about them now. */
function printBroken(findings: readonly Finding[], output: Output): void {
	for (const {table, message} of findings) output.line(`${output.paint('change', output.symbols.notice)} ${clean(table)}: ${clean(message)}`);
	output.line('  │ all of them:  PRAGMA foreign_key_check');
	for (const way of new Set(findings.flatMap(({mend}) => mend))) output.line(`  ${clean(way)}`);
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
