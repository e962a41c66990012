import {nameKey} from '../schema/identifiers.ts';
import type {Column, SchemaObject} from '../schema/schema.ts';

/**
 * Loads the models and marks defaults whose value changes with each load: `.default(new Date())`, `.default(crypto.randomUUID())`. They would always
 * show as a difference. `load` is called a second time only if a default looks like such a value.
 */
export async function loadUntilStable(load: () => Promise<readonly SchemaObject[]>): Promise<readonly SchemaObject[]> {
	const from = Date.now();
	const objects = await load();
	const until = Date.now();
	const suspects = longDefaults(objects);
	const isTime = ({text}: Default) => isTimeBetween(text, from, until);
	const again = suspects.every(isTime) ? [] : longDefaults(await load());
	const texts = new Map(again.map(({key, text}) => [key, text]));
	const moving = new Set(
		suspects.filter((each) => isTime(each) || (texts.has(each.key) && texts.get(each.key) !== each.text)).map(({column}) => column),
	);
	if (moving.size === 0) return objects;
	return objects.map((object) =>
		object.kind === 'table' && object.columns.some((column) => moving.has(column))
			? {...object, columns: object.columns.map((column): Column => (moving.has(column) ? {...column, hasMovingDefault: true} : column))}
			: object,
	);
}

interface Default {
	readonly key: string;
	readonly column: Column;
	readonly text: string;
}

/** Returns the defaults that could come from a clock or an id generator: long values with digits. */
function longDefaults(objects: readonly SchemaObject[]): Default[] {
	return objects.flatMap((table) => {
		if (table.kind !== 'table') return [];
		return table.columns.flatMap((column) => {
			const {text} = column.default ?? {text: ''};
			const isLong = text.length >= 8 && /^['\dxX.+-]/.test(text) && /\d/.test(text);
			return isLong ? [{key: `${nameKey(table.name)}.${nameKey(column.name)}`, column, text}] : [];
		});
	});
}

/** True if the text is a time during the first load. Two loads may happen within one second, so comparing their values is not enough. */
function isTimeBetween(text: string, from: number, until: number): boolean {
	const isNow = (time: number) => time >= from - 1000 && time <= until;
	if (/^\d+$/.test(text)) return isNow(Number(text)) || isNow(Number(text) * 1000);
	const [, date, time] = /^'"?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(text) ?? [];
	return date !== undefined && isNow(Date.parse(`${date}T${time}Z`));
}
