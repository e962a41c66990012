import {type DraftFinding, sampleText} from '../../core/migrations/finding.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';
import {valueText} from '../../core/text/value.ts';
import type {Output} from './output.ts';

/** Prints the findings of preflight: the problem, up to five sample rows, the SQL that finds all rows, and suggested fixes. */
export function printFindings(findings: readonly DraftFinding[], showsSamples: boolean, output: Output): void {
	const broken = findings.filter(({kind}) => kind === 'brokenForeignKey');
	const shown = broken.length > 1 ? findings.filter((finding) => !broken.includes(finding)) : findings;
	for (const [index, finding] of shown.entries()) {
		if (index > 0) output.line();
		printFinding(finding, showsSamples, output);
	}
	if (shown === findings) return;
	if (shown.length > 0) output.line();
	printBroken(broken, output);
}

/** Prints one line per broken foreign key. If foreign keys were never enforced, many are broken, and none of them needs attention now. */
function printBroken(findings: readonly DraftFinding[], output: Output): void {
	for (const {table, message} of findings) output.line(`${output.paint('change', output.symbols.notice)} ${clean(table)}: ${clean(message)}`);
	output.line('  │ find all:  PRAGMA foreign_key_check');
	for (const fix of new Set(findings.flatMap(({fixes}) => fixes))) output.line(`  ${clean(fix)}`);
}

function printFinding(
	{kind, table, column, message, blocking, destructive, samples, sql, fixes}: DraftFinding,
	showsSamples: boolean,
	output: Output,
): void {
	const {symbols} = output;
	const sign = blocking
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
		// For a broken foreign key, the value without a parent is unknown. For deleted rows, all values are lost.
		output.line(kind === 'brokenForeignKey' || kind === 'deleteRows' ? `  │ ${clean(row)}` : `  │ ${clean(row).padEnd(width)}   ${shown}`);
	}
	// A drop concerns all rows, so it needs no query.
	if (sql !== null && !isDrop) for (const line of cleanLines(`find all:  ${sql}`).split('\n')) output.verbatim(`  ${output.shown('│')} ${line}`);
	for (const fix of fixes) output.line(`  ${clean(fix)}`);
}
