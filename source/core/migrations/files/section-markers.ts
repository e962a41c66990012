import {nearest} from '../../text/nearest.ts';

/**
 * The meaning of a comment between statements for the sections of a `.sql` migration.
 *
 * - `section`: one of the two markers of lite-migr
 * - `foreign`: a marker in the syntax of another tool
 * - `lookalike`: a comment that looks like a marker, but is not one
 */
export type Marker =
	| {readonly kind: 'section'; readonly section: Section}
	| {readonly kind: 'foreign'; readonly tool: ForeignTool; readonly section: Section | undefined}
	| {readonly kind: 'lookalike'; readonly section: Section | undefined};

export type Section = 'upgrade' | 'downgrade';

export interface ForeignTool {
	readonly name: string;
	/** True if `lite-migr baseline --from` imports its folders. */
	readonly isImported: boolean;
}

/**
 * Reads a comment as a section marker. Returns undefined for prose.
 *
 * The markers of lite-migr are `upgrade` and `downgrade` as the only word of a comment, in any case, with any spaces, rules (`-- == downgrade == --`)
 * and a trailing `:`, `;` or `.`. A comment looks like a marker if
 * - it has the syntax of another tool: `+goose Up`, `migrate:down`, `+duckUp`, `!Downs`, `//@UNDO`;
 * - all its words are about directions and sections: `up`, `Down Migration`, `rollback script`, `end of upgrade`;
 * - such words come first, and a colon, a dash or a parenthesis follows: `downgrade: undo`, `down - drops the table`;
 * - its only word is a misspelled `upgrade` or `downgrade`.
 * So `downgrade plan: see ticket`, `up to 100 rows` and `down payments table` are prose.
 */
export function readMarker(comment: string): Marker | undefined {
	const body = bodyOf(comment);
	if (body === undefined || body === '') return undefined;
	const own = /^[-=*#~+>\s]*(upgrade|downgrade)[-=*#~<:;.\s]*$/i.exec(body)?.[1]?.toLowerCase();
	// Markers of other tools start with a plus sign.
	if (own !== undefined && !body.startsWith('+')) return {kind: 'section', section: own as Section};
	for (const {pattern, tool} of foreignMarkers) {
		const match = pattern.exec(body);
		if (match !== null) return {kind: 'foreign', tool, section: sectionIn(match[0])};
	}
	const words = wordsOf(body);
	const isLookalike = sayOnlySections(words) || leadWithSection(body) || isMisspelled(words) || unknownSyntax.some((pattern) => pattern.test(body));
	return isLookalike ? {kind: 'lookalike', section: sectionIn(body)} : undefined;
}

/** Returns a line comment with this text. Text that looks like a marker gets a prefix, so it is not read as one. */
export function proseComment(text: string): string {
	const line = `-- ${text.replace(/\s+/g, ' ')}`;
	return readMarker(line) === undefined ? line : `-- (note) ${text.replace(/\s+/g, ' ')}`;
}

const goose: ForeignTool = {name: 'goose', isImported: true};
const dbmate: ForeignTool = {name: 'dbmate', isImported: true};

const foreignMarkers: readonly {readonly pattern: RegExp; readonly tool: ForeignTool}[] = [
	{pattern: /^\+\s*goose\s+(?:up|down)\b/i, tool: goose},
	{pattern: /^migrate\s*:\s*(?:up|down)\b/i, tool: dbmate},
	{pattern: /^\+\s*migrate\s+(?:up|down)\b/i, tool: {name: 'sql-migrate', isImported: false}},
	{pattern: /^\+\s*micrate\s+(?:up|down)\b/i, tool: {name: 'micrate', isImported: false}},
	{pattern: /^\+\s*duck(?:up|down)\b/i, tool: {name: 'duck', isImported: false}},
	{pattern: /^rambler\s+(?:up|down)\b/i, tool: {name: 'rambler', isImported: false}},
	{pattern: /^[-\s]*create above\s*\/\s*drop below/i, tool: {name: 'tern', isImported: false}},
	{pattern: /^[-\s]*!\s*(?:ups|downs)\b/i, tool: {name: 'Play evolutions', isImported: false}},
	{pattern: /^\/\/\s*@undo\b/i, tool: {name: 'MyBatis Migrations', isImported: false}},
];

/** Possible markers of tools that lite-migr does not know: `+Up`, `+xyz Down`, `sqlx:down`. */
const unknownSyntax: readonly RegExp[] = [
	/^\+\s*[a-z]*[\s:]*(?:up|down|upgrade|downgrade|undo|rollback|revert)\b/i,
	/^[\w.-]+\s*:\s*(?:up|down|upgrade|downgrade|undo|rollback|revert)[\s:;.]*$/i,
];

const forwards = new Set(['up', 'ups', 'upgrade', 'upgrades', 'upgrading', 'forward', 'forwards', 'rollforward']);
const backwards = new Set([
	'down',
	'downs',
	'downgrade',
	'downgrades',
	'downgrading',
	'rollback',
	'rollbacks',
	'undo',
	'revert',
	'reverts',
	'reverse',
	'backward',
	'backwards',
	'unapply',
]);
const others = new Set(
	`a above add all apply are begin beginning begins below block change changes code direction do end ending ends everything following follows
	for from go goes grade half here is lite migr migrate migration migrations of part put run script scripts section side sql start starting
	starts statement statements step steps the this way write your`.split(/\s+/),
);

/** Returns the text of the comment without its delimiters. Undefined for a block of several lines, which is a note or commented-out code. */
function bodyOf(comment: string): string | undefined {
	// Ignore invisible characters.
	const text = comment.normalize('NFKC').replace(/\p{Cf}/gu, '');
	if (text.startsWith('--')) return text.slice(2).trim();
	const lines = text
		.replace(/^\/\*/, '')
		.replace(/\*\/$/, '')
		.split(/\r\n|\r|\n/)
		.map((line) => line.trim().replace(/^\*+/, '').trim())
		.filter((line) => /[^-=*#~\s]/.test(line));
	return lines.length > 1 ? undefined : lines[0]?.replace(/^--+/, '').trim();
}

function wordsOf(text: string): readonly string[] {
	const spelled = text.toLowerCase().replace(/\broll(?:ing)?[ _-]?back\b/g, 'rollback');
	return (spelled.match(/\p{L}+|\p{N}+/gu) ?? []).filter((word) => !/^\p{N}/u.test(word));
}

function sayOnlySections(words: readonly string[]): boolean {
	return words.some(isDirection) && words.every((word) => isDirection(word) || others.has(word));
}

/** `downgrade: undo`, `down (drops the table)`, `Up migration - creates the table`. */
function leadWithSection(body: string): boolean {
	const lead = /^(.*?)(?::|;|=|→|[-=]>|\s[-–—]+\s|\.\s|\s[([{])/s.exec(body)?.[1];
	return lead !== undefined && sayOnlySections(wordsOf(lead));
}

function isMisspelled([word = '', ...more]: readonly string[]): boolean {
	const marker = more.length > 0 ? undefined : nearest(word, ['upgrade', 'downgrade']);
	return marker !== undefined && word.charAt(0) === marker.charAt(0) && /g.*d/.test(word);
}

function isDirection(word: string): boolean {
	return forwards.has(word) || backwards.has(word);
}

/** Returns the section that a marker starts, by its first word for a direction, or else by the first part of a word. */
function sectionIn(text: string): Section | undefined {
	const word = wordsOf(text).find(isDirection) ?? /up|down|undo|d\w*g\w*d/i.exec(text)?.[0].toLowerCase();
	if (word === undefined) return undefined;
	return backwards.has(word) || word.startsWith('d') ? 'downgrade' : 'upgrade';
}
