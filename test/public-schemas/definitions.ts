import {basename, dirname} from 'node:path';
import {splitStatements} from '../../source/core/ddl/split.ts';
import type {Definitions, QuotedSql, RoomSchema, SqlFiles, XmlSql} from './project.ts';
import type {RepositoryFiles} from './repository.ts';
import {upgradeScripts} from './tools.ts';

/** Returns the scripts that create a project's database, in order. */
export function scriptsOf(definitions: Definitions, files: RepositoryFiles): readonly string[] {
	switch (definitions.kind) {
		case 'sql':
			return fromSqlFiles(definitions, files);
		case 'room':
			return fromRoom(definitions, files);
		case 'quoted':
			return fromQuoted(definitions, files);
		case 'xml':
			return fromXml(definitions, files);
		case 'migrations':
			return upgradeScripts(definitions, files).map(({up}) => up);
	}
}

function statements(sql: string): readonly string[] {
	return splitStatements(sql).map(({text}) => text);
}

const definition = /^CREATE\s+(?!TEMP)/i;

function fromSqlFiles({files: patterns, until, replace = [], onlyDefinitions}: SqlFiles, files: RepositoryFiles): readonly string[] {
	const scripts = matching(patterns, files).map((path) => replaced(head(files.read(path), until), replace));
	return onlyDefinitions === true ? scripts.flatMap(statements).filter((text) => definition.test(text)) : scripts;
}

function replaced(text: string, replace: readonly (readonly [RegExp, string])[]): string {
	return replace.reduce((before, [from, to]) => before.replaceAll(from, to), text);
}

function head(text: string, until: RegExp | undefined): string {
	const end = until === undefined ? -1 : text.search(until);
	return end === -1 ? text : text.slice(0, end);
}

/** Returns the files that match the patterns, in the order of the patterns and then of their names. */
export function matching(patterns: readonly string[], files: RepositoryFiles): readonly string[] {
	return patterns.flatMap((pattern) => {
		if (!pattern.includes('*')) return [pattern];
		const name = new RegExp(`^${basename(pattern).replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
		const found = files.list(dirname(pattern)).filter((path) => dirname(path) === dirname(pattern) && name.test(basename(path)));
		if (found.length === 0) throw new Error(`no file matches ${pattern}`);
		return found.toSorted();
	});
}

interface RoomEntity {
	readonly tableName: string;
	readonly createSql: string;
	readonly indices?: readonly {readonly createSql: string}[];
	readonly contentSyncTriggers?: readonly string[];
}

function fromRoom({file}: RoomSchema, files: RepositoryFiles): readonly string[] {
	const {database} = JSON.parse(files.read(file)) as {
		database: {readonly entities: readonly RoomEntity[]; readonly views?: readonly {readonly viewName: string; readonly createSql: string}[]};
	};
	return [
		...database.entities.flatMap(({tableName, createSql, indices = [], contentSyncTriggers = []}) => [
			...[createSql, ...indices.map((index) => index.createSql)].map((sql) => sql.replaceAll(`\${TABLE_NAME}`, tableName)),
			...contentSyncTriggers,
		]),
		...(database.views ?? []).map(({viewName, createSql}) => createSql.replaceAll(`\${VIEW_NAME}`, viewName)),
	];
}

function fromQuoted({files: patterns, quote, until, replace = []}: QuotedSql, files: RepositoryFiles): readonly string[] {
	const texts = matching(patterns, files).flatMap((path) =>
		head(files.read(path), until)
			.split(quote)
			.filter((text, index) => index % 2 === 1 && /\bCREATE\b/i.test(text)),
	);
	return texts.flatMap((text) => statements(replaced(text, replace))).filter((text) => definition.test(text));
}

function fromXml({file, between: [start, end]}: XmlSql, files: RepositoryFiles): readonly string[] {
	const [, after = ''] = files.read(file).split(start);
	const [text = ''] = after.split(end);
	const found = [...text.matchAll(/>\s*(CREATE\s[^<]*)</gi)].map(([, sql = '']) => sql);
	return found.flatMap((sql) => statements(sql.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')));
}
