import {type DraftFinding, hasMore, sampleText} from '../../core/migrations/finding.ts';
import {valueText} from '../../core/text/value.ts';
import {type Line, prefixed, prose, ruled, type Span, span, spans, together} from '../page/line.ts';
import type {Page} from '../page/page.ts';

/** Returns the target of a finding: `user.zip`, or `user` if it is not about a single column. */
export function findingTarget({table, column}: DraftFinding): string {
	return column === null ? table : `${table}.${column}`;
}

/** Formats a finding as a sentence: `legacy_log is dropped with 880,112 rows`, `user.zip: 3 values would change`. */
export function findingSentence(finding: DraftFinding): readonly Span[] {
	const isDrop = finding.kind === 'dropTable' || finding.kind === 'dropColumn';
	return [span(findingTarget(finding), 'strong'), span(`${isDrop ? '' : ':'} ${finding.message}`)];
}

export interface FindingOptions {
	/** Adapts a fix to the screen. */
	readonly fixOf?: (fix: string) => string;
	/** True if a key copies the SQL, so only the start of a long one has to be shown. */
	readonly canCopy?: boolean;
}

/** Returns a finding with sample rows, the SQL that finds all rows, and suggested fixes. */
export function findingLines(finding: DraftFinding, {fixOf = (fix) => fix, canCopy = false}: FindingOptions = {}): readonly Line[] {
	const sign = finding.blocking ? span('✗ ', 'failed') : finding.destructive ? span('▲ ', 'danger') : span('! ', 'notice');
	const inset = (each: Line): Line => prefixed(span('    '), each);
	return [
		prose(4, '  ', sign, findingSentence(finding)),
		...(finding.samples.length === 0 ? [] : [inset(ruled(samplesOf(finding)))]),
		...(finding.sql === null ? [] : [inset(ruled(canCopy ? startOfSql(finding.sql) : span(finding.sql, 'quiet')))]),
		...finding.fixes.map((fix) => prose(6, '    ', span('→ ', 'accent'), fixOf(fix))),
	];
}

/** The most characters of a query: about two rows of a usual terminal. */
const mostSql = 150;

/** Returns a query, or its start if it would push other findings out of view. */
function startOfSql(sql: string): readonly Span[] {
	if (sql.length <= mostSql) return [span(sql, 'quiet')];
	const start = sql.slice(0, mostSql - 20);
	return [span(`${start.slice(0, Math.max(start.lastIndexOf(' '), 1))} …`, 'quiet'), span(`   ${together('y copies it')}`, 'quiet')];
}

/** Returns the queries that find the rows of all findings, to be copied. */
export function queriesOf(findings: readonly DraftFinding[]): Pick<Page, 'copy'> {
	const queries = findings.flatMap(({sql}) => (sql === null ? [] : [`${sql};`]));
	return queries.length === 0
		? {}
		: {copy: {what: queries.length === 1 ? 'the SQL that finds these rows' : 'the SQL that finds all of these rows', text: queries.join('\n')}};
}

export function samplesOf({kind, column, samples, rows}: DraftFinding): readonly Span[] {
	const hasValues = kind !== 'brokenForeignKey' && kind !== 'deleteRows';
	const shown = samples.map(({row, value, becomes}) =>
		spans(
			row === '' ? '' : span(together(hasValues ? `${row} ` : row), 'quiet'),
			hasValues ? together(sampleText({column}, value, 24)) : '',
			becomes === undefined ? '' : together(` → ${valueText(becomes, 24)}`),
		),
	);
	const joined = shown.flatMap((part, index) => (index === 0 ? part : [span('   '), ...part]));
	return hasMore({rows, samples}) ? [...joined, span('   …', 'quiet')] : joined;
}
