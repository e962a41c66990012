import {locationOf, tokenize} from '../../../ddl/lexer.ts';
import {splitStatements} from '../../../ddl/split.ts';
import {MigrError} from '../../../errors.ts';
import {clean} from '../../../text/clean.ts';
import {readMarker} from '../../files/section-markers.ts';
import type {FolderReader} from './foreign-migration.ts';
import {type SqlFile, sqlFiles, storedValues} from './sql-files.ts';

/** https://developers.cloudflare.com/d1/reference/migrations/: plain files, in the order of their numbers, without downgrades. */
export const readWrangler: FolderReader = (folder, db) => {
	const files = sqlFiles(folder).filter(({name}) => /^\d+_/.test(name));
	if (files.length === 0) return undefined;
	const applied = storedValues(db, 'd1_migrations', 'name');
	// Plain files might belong to any tool. If wrangler applied some, comments do not matter: it runs each file from start to end.
	if (applied.length === 0) files.forEach(requireOneDirection);
	return {tool: 'wrangler (D1)', migrations: files.map(({name, text}) => ({name, up: text.trim(), isApplied: applied.includes(`${name}.sql`)}))};
};

/** @throws MigrError `migration` for a file that has sections in the syntax of another tool: all of it would be imported as the upgrade */
function requireOneDirection({name, path, text}: SqlFile): void {
	const half = /\.(?:up|down)$/i.exec(name);
	if (half !== null) throw unknownTool(`${name}.sql is one half of a migration`, path);
	const statements = splitStatements(text, {file: path, line: 1});
	for (const {kind, text: comment, start} of tokenize(text)) {
		if (kind !== 'comment' || statements.some((statement) => statement.start < start && start < statement.end)) continue;
		const isAlone =
			text
				.slice(0, start)
				.split(/[\r\n]/)
				.at(-1)
				?.trim() === '';
		if (isAlone && readMarker(comment) !== undefined)
			throw unknownTool(`${clean(comment.trim())} begins a section`, path, locationOf(text, start).line);
	}
}

function unknownTool(what: string, file: string, line?: number): MigrError {
	return new MigrError('migration', `${what}, but no supported tool uses this format`, {
		location: {file, line},
		details: ['both directions would be imported as the upgrade; nothing was written'],
		hint: 'in a copy of the folder, keep only the statements that apply the change, and import the copy\nto start from the current database instead, run lite-migr baseline <name>',
	});
}
