import {readFileSync} from 'node:fs';
import {isTemporary, unconditional} from '../ddl/create-head.ts';
import {readStatement} from '../ddl/read.ts';
import {type StatementText, splitStatements} from '../ddl/split.ts';
import {MigrError, restated} from '../errors.ts';
import type {SchemaObject} from '../schema/schema.ts';
import {fileProblem} from '../text/file-problem.ts';
import {firstBadLine} from '../text/utf8.ts';

/**
 * Reads a `.sql` model file: CREATE TABLE, INDEX, VIEW, TRIGGER and VIRTUAL TABLE, and comments. Nothing is executed.
 *
 * @throws MigrError `model`, with file and line, if the file has any other statement or cannot be read
 */
export function readSqlFile(file: string): readonly SchemaObject[] {
	const text = readModelText(file);
	try {
		return splitStatements(text, {file, line: 1})
			.map((statement) => readModelStatement(statement, file))
			.filter((object) => !isOfSqlite(object));
	} catch (error) {
		if (!(error instanceof MigrError) || error.code !== 'syntax') throw error;
		throw restated(error, {code: 'model', location: {file, ...error.location}});
	}
}

/** True for SQLite's internal tables, which `.schema` and `.dump` also print (https://www.sqlite.org/fileformat2.html#intschema). */
function isOfSqlite({kind, name}: SchemaObject): boolean {
	return kind === 'table' && /^sqlite_(?:sequence|stat[1-4])$/i.test(name);
}

const decoder = new TextDecoder('utf-8', {fatal: true});

/** Returns the text of a model file. Throws MigrError('model') if it cannot be read or is not UTF-8. */
export function readModelText(file: string): string {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
	} catch (cause) {
		throw new MigrError('model', `cannot read the model file: ${fileProblem(cause)}`, {
			location: {file},
			hint: "check the file's permissions",
			cause,
		});
	}
	try {
		return decoder.decode(bytes);
	} catch (cause) {
		throw new MigrError('model', 'the model file is not UTF-8 text', {
			location: {file, line: firstBadLine(bytes) ?? 1},
			hint: 'save it as UTF-8',
			cause,
		});
	}
}

function readModelStatement(statement: StatementText, file: string): SchemaObject {
	const line = statement.line;
	if (isTemporary(statement.text)) {
		throw new MigrError('model', 'a temporary object cannot be part of a model', {location: {file, line}, hint: 'remove TEMP'});
	}
	const {text, comments} = withRenameComments(statement);
	const object = readStatement(text, {file, line: line - comments});
	if (object === undefined) {
		const verb = /^\w*/.exec(statement.text)?.[0].toUpperCase();
		throw new MigrError('model', `${verb === '' ? 'this' : verb} does not define a table, index, view or trigger`, {
			location: {file, line},
			hint: 'use only CREATE TABLE, CREATE INDEX, CREATE VIEW, CREATE TRIGGER, CREATE VIRTUAL TABLE and comments in a model file',
		});
	}
	const sql = unconditional(object.sql);
	return sql === object.sql && object.source?.line === line ? object : {...object, sql, source: {file, line}};
}

/** Adds the comments above a table to its text if they declare a rename, so the reader finds it. */
function withRenameComments({text, comments}: StatementText): {readonly text: string; readonly comments: number} {
	if (!comments.some((comment) => comment.includes('@rename'))) return {text, comments: 0};
	const above = `${comments.join('\n')}\n`;
	return {text: above + text, comments: above.split('\n').length - 1};
}
