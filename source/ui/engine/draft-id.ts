import {MigrError} from '../../core/errors.ts';
import type {ProjectDraft} from '../../core/migrations/draft/project-draft.ts';
import {shortHash} from '../../core/migrations/plan-id.ts';
import type {Schema} from '../../core/schema/schema.ts';

/**
 * Returns a hash of what a draft would write and of the state it starts from: its operations, the schema before them, the decisions and the earlier
 * migrations. Rows are not included, because writing a file changes none.
 */
export function draftId({base, models, draft, decisions}: ProjectDraft): string {
	return shortHash([
		withoutMoving(textOf(draft.operations), models),
		textOf(draft.questions.map(({id}) => id)),
		schemaText(base.schema),
		textOf(decisions),
		textOf(base.state.files.map(({name, checksum}) => [name, checksum])),
		textOf(base.state.applied.map(({name, checksum}) => [name, checksum])),
	]);
}

export function draftChanged(database: string): MigrError {
	return new MigrError('answerNeeded', `the models, the migrations or ${database} changed since you looked; nothing was written`);
}

/** Removes defaults that have a new value each time the models are loaded: they do not count as a change. */
function withoutMoving(text: string, {tables}: Schema): string {
	const moving = tables.flatMap(({columns}) => columns.flatMap((column) => (column.hasMovingDefault === true ? [column.default?.text ?? ''] : [])));
	return moving.filter((value) => value !== '').reduce((all, value) => all.replaceAll(textOf(value).slice(1, -1), '?'), text);
}

function schemaText({tables, virtualTables, indexes, views, triggers}: Schema): string {
	return [...tables, ...virtualTables, ...indexes, ...views, ...triggers].map(({sql}) => sql).join('\n');
}

function textOf(value: unknown): string {
	return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' || typeof each === 'function' ? String(each) : each));
}
