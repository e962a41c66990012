import {locationOf, tokenize} from '../../ddl/lexer.ts';
import {type StatementText, splitStatements} from '../../ddl/split.ts';
import {MigrError} from '../../errors.ts';
import type {Execute} from '../../operations/operation.ts';
import {isForeignKeyGuard} from '../../plan/foreign-key-guard.ts';
import {isScaffolding} from '../../script/scaffolding.ts';
import {clean} from '../../text/clean.ts';
import {readChangesComment} from './changes-comment.ts';
import type {MigrationFile, SqlText} from './list.ts';
import type {Migration} from './migration.ts';
import {refusedVerb} from './refused-verb.ts';
import {type Marker, readMarker, type Section} from './section-markers.ts';
import {wranglerDowngrades} from './wrangler-folder.ts';

/**
 * Reads a migration in plain SQL: the statements below `-- upgrade` and those below `-- downgrade`. Each is executed unchanged. Statements above the
 * first marker belong to the upgrade. Without `-- downgrade`, the migration cannot be undone. Statements that only protect rows in other programs are
 * skipped.
 *
 * @throws MigrError `migration` for a statement that begins or ends a transaction or attaches a database, and for a comment that looks like a section
 * marker but is not one (see `readMarker`), `syntax` for text that cannot be split into statements
 */
export function loadSqlMigration(file: MigrationFile): Migration {
	const statements = statementsIn(file);
	const starts = sectionsIn(file, statements);
	const executes = (section: Section) =>
		statements
			.filter(({start, text}) => sectionAt(starts, start) === section && !isForeignKeyGuard(text) && !isScaffolding(text))
			.map((statement) => execute(file, statement));
	return {
		name: file.name,
		path: file.path,
		format: 'sql',
		checksum: file.checksum,
		upgrade: executes('upgrade'),
		...(starts.some(({section}) => section === 'downgrade') ? {downgrade: executes('downgrade')} : {}),
		transaction: true,
	};
}

/**
 * Reads a migration of wrangler's folder: wrangler runs the whole file, and the downgrade is in another file. Statements that a guarded script
 * contains only to keep rows with foreign keys on are skipped, because lite-migr runs with foreign keys off and has its own checks.
 *
 * @throws MigrError `migration` for a downgrade section, and for the same statements as `loadSqlMigration`
 */
export function loadWranglerMigration(file: MigrationFile): Migration {
	const {name, path, checksum, downgrade} = file;
	const upgrade = wholeFile(file);
	return {
		name,
		path,
		format: 'wrangler',
		checksum,
		upgrade,
		...(downgrade === undefined ? {} : {downgrade: wholeFile(downgrade)}),
		transaction: true,
	};
}

function wholeFile(file: SqlText): readonly Execute[] {
	const statements = statementsIn(file);
	for (const {kind, text: comment, start} of tokenize(file.text)) {
		const marker = kind === 'comment' ? readMarker(comment) : undefined;
		if (marker === undefined || marker.kind === 'lookalike' || marker.section !== 'downgrade') continue;
		if (statements.some((statement) => statement.start < start && start < statement.end)) continue;
		throw new MigrError('migration', `${clean(comment.trim())} is a section marker, but wrangler runs the whole file`, {
			location: {file: file.path, line: locationOf(file.text, start).line},
			hint: `move the statements below it to ${wranglerDowngrades}/ in the same folder, in a file of the same name`,
		});
	}
	// The comment about a table may be above a statement that is skipped.
	let comments: readonly string[] = [];
	return statements.flatMap((statement): readonly Execute[] => {
		comments = [...comments, ...statement.comments];
		if (isScaffolding(statement.text)) return [];
		const found = execute(file, {...statement, comments});
		comments = [];
		return [found];
	});
}

/** @throws MigrError `migration` if the file is not UTF-8 */
function statementsIn({path, text, badLine}: SqlText): readonly StatementText[] {
	// NUL characters mean UTF-16.
	if (badLine !== undefined && text.includes('\0')) throw notUtf8(path, badLine);
	const statements = splitStatements(text, {file: path, line: 1});
	// A replacement character is harmless in a comment, but a statement would write it to the database.
	if (badLine !== undefined && statements.some((statement) => statement.text.includes('\ufffd'))) throw notUtf8(path, badLine);
	return statements;
}

function notUtf8(path: string, line: number): MigrError {
	return new MigrError('migration', 'the migration is not UTF-8 text', {location: {file: path, line}, hint: 'save it as UTF-8'});
}

interface SectionStart {
	readonly section: Section;
	readonly start: number;
}

/**
 * Returns where the sections start: at the comments `-- upgrade` and `-- downgrade` between statements, each on its own line.
 *
 * @throws MigrError `migration` for a comment that looks like a marker but is not one: the statements below it would run in the wrong direction
 */
function sectionsIn(file: MigrationFile, statements: readonly StatementText[]): readonly SectionStart[] {
	const {text, path} = file;
	const starts = tokenize(text).flatMap(({kind, text: comment, start}): readonly SectionStart[] => {
		if (kind !== 'comment' || statements.some((statement) => statement.start < start && start < statement.end)) return [];
		const marker = readMarker(comment);
		if (marker === undefined) return [];
		const isAlone =
			text
				.slice(0, start)
				.split(/[\r\n]/)
				.at(-1)
				?.trim() === '';
		if (marker.kind === 'lookalike' && !isAlone) return [];
		if (marker.kind === 'section' && isAlone) return [{section: marker.section, start}];
		throw refusedMarker(marker, comment, {file: path, line: locationOf(text, start).line});
	});
	const double = starts.find((one, index) => starts.findIndex(({section}) => section === one.section) !== index);
	if (double !== undefined) {
		const {line} = locationOf(text, double.start);
		throw new MigrError('migration', `-- ${double.section} appears twice`, {
			location: {file: path, line},
			hint: 'keep one -- upgrade and one -- downgrade',
		});
	}
	return starts;
}

function refusedMarker(marker: Marker, comment: string, location: {readonly file: string; readonly line: number}): MigrError {
	const shown = clean(comment.trim());
	if (marker.kind === 'section') {
		return new MigrError('migration', `${shown} follows a statement on the same line`, {
			location,
			hint: `write -- ${marker.section} on its own line, above its statements`,
		});
	}
	const own =
		marker.section === undefined
			? 'write -- upgrade above the statements that apply the change, and -- downgrade above those that undo it'
			: `write -- ${marker.section} on its own line if the statements below ${marker.section === 'upgrade' ? 'apply the change' : 'undo the change'}`;
	const risk = 'lite-migr reads only -- upgrade and -- downgrade; statements of both directions could run as one';
	if (marker.kind === 'lookalike') {
		return new MigrError('migration', `${shown} looks like a section marker, but is not one`, {
			location,
			details: [risk],
			hint: `${own}\nif it is a note, reword it, for example: -- note about …`,
		});
	}
	const {name, isImported} = marker.tool;
	const way = isImported ? `to import a folder of ${name} migrations, run lite-migr baseline --from FOLDER\nto convert only this file, ${own}` : own;
	return new MigrError('migration', `${shown} is a section marker of ${name}, not of lite-migr`, {location, details: [risk], hint: way});
}

function sectionAt(starts: readonly SectionStart[], start: number): Section {
	return starts.filter((one) => one.start < start).at(-1)?.section ?? 'upgrade';
}

function execute(file: SqlText, {text, line, comments}: StatementText): Execute {
	const origin = {file: file.path, line};
	requireAllowed(text, origin);
	const writtenFor = comments.flatMap((comment) => readChangesComment(comment) ?? []);
	return {kind: 'execute', sql: text, parameters: [], ...(writtenFor.length === 0 ? {} : {writtenFor}), origin};
}

function requireAllowed(sql: string, location: {readonly file: string; readonly line: number}): void {
	const refused = refusedVerb(sql);
	if (refused === undefined) return;
	const {verb, reason} = refused;
	throw new MigrError('migration', `${verb}: ${reason}`, {location, hint: `remove the ${verb} from the migration`});
}
