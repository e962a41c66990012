import {locationOf, tokenize} from '../../ddl/lexer.ts';
import {type StatementText, splitStatements} from '../../ddl/split.ts';
import {MigrError} from '../../errors.ts';
import type {Execute} from '../../operations/operation.ts';
import {readChangesComment} from './changes-comment.ts';
import type {MigrationFile} from './list.ts';
import type {Migration} from './migration.ts';
import {refusedVerb} from './refused-verb.ts';

/**
 * A migration in plain SQL: the statements between `-- upgrade` and `-- downgrade`, each executed as it stands.
 * What stands before the first marker belongs to the upgrade; without a `-- downgrade` there is no way down.
 *
 * @throws MigrError `migration` for a statement that begins or ends a transaction, or attaches a database; `syntax` for what cannot be cut into statements
 */
export function loadSqlMigration(file: MigrationFile): Migration {
	const statements = splitStatements(file.text, {file: file.path, line: 1});
	const markers = markersIn(file, statements);
	const executes = (section: Marker['section']) =>
		statements.filter(({start}) => sectionAt(markers, start) === section).map((statement) => execute(file, statement));
	return {
		name: file.name,
		path: file.path,
		format: 'sql',
		checksum: file.checksum,
		upgrade: executes('upgrade'),
		...(markers.some(({section}) => section === 'downgrade') ? {downgrade: executes('downgrade')} : {}),
		transaction: true,
	};
}

interface Marker {
	readonly section: 'upgrade' | 'downgrade';
	readonly start: number;
}

/** The comments `-- upgrade` and `-- downgrade` that stand between statements. */
function markersIn({text, path}: MigrationFile, statements: readonly StatementText[]): readonly Marker[] {
	const markers = tokenize(text).flatMap(({kind, text: comment, start}): readonly Marker[] => {
		const section = kind === 'comment' ? /^--\s*(upgrade|downgrade)\s*$/i.exec(comment)?.[1]?.toLowerCase() : undefined;
		const isInside = statements.some((statement) => statement.start < start && start < statement.end);
		return section === undefined || isInside ? [] : [{section: section as Marker['section'], start}];
	});
	const double = markers.find((marker, index) => markers.findIndex(({section}) => section === marker.section) !== index);
	if (double !== undefined) {
		const {line} = locationOf(text, double.start);
		throw new MigrError('migration', `-- ${double.section} stands twice`, {location: {file: path, line}, hint: 'a file has one of each'});
	}
	return markers;
}

function sectionAt(markers: readonly Marker[], start: number): Marker['section'] {
	return markers.filter((marker) => marker.start < start).at(-1)?.section ?? 'upgrade';
}

function execute(file: MigrationFile, {text, line, comments}: StatementText): Execute {
	const origin = {file: file.path, line};
	requireAllowed(text, origin);
	const writtenFor = comments.flatMap((comment) => readChangesComment(comment) ?? []);
	return {kind: 'execute', sql: text, parameters: [], ...(writtenFor.length === 0 ? {} : {writtenFor}), origin};
}

function requireAllowed(sql: string, location: {readonly file: string; readonly line: number}): void {
	const refused = refusedVerb(sql);
	if (refused === undefined) return;
	const {verb, reason} = refused;
	throw new MigrError('migration', `${verb}: ${reason}`, {location, hint: `take the ${verb} out of the migration`});
}
