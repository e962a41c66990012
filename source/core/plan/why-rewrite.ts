import {columnsIn} from '../ddl/expression.ts';
import {renderUnique} from '../ddl/render.ts';
import {isForMissing} from '../operations/fill-meaning.ts';
import type {ColumnDelta} from '../operations/table-delta.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {isInPrimaryKey, isRowidName} from '../schema/key-columns.ts';
import {indexesOf} from '../schema/lookup.ts';
import type {Column} from '../schema/schema.ts';
import {checksOf, foreignKeysOf, indexMentions, isConstantDefault, isNullDefault, uniquesOf} from './column-facts.ts';
import {reasonsNotEditable} from './edit.ts';
import type {TableWork} from './table-work.ts';

/**
 * Explains why the rows of a table must be copied: one reason per change that SQLite cannot make in place. Empty if it can make all of them.
 * Follows https://www.sqlite.org/lang_altertable.html.
 */
export function rewriteReasons(work: TableWork): readonly string[] {
	const {delta, after} = work;
	const reasons = [
		...(work.item.renames === undefined ? [] : [work.item.renames.reason]),
		...delta.added.flatMap((column) => whyNotAdded(work, column)),
		...whyNotDropped(work),
		...delta.changed.flatMap((change) => whyNotChanged(work, change)),
		...(delta.primaryKey ? ['the primary key changes'] : []),
		...(delta.autoincrement ? [`AUTOINCREMENT is ${after.primaryKey?.autoincrement === true ? 'added' : 'removed'}`] : []),
		...delta.uniques.added.filter(({columns}) => !isAddedColumn(work, columns)).map((unique) => `${renderUnique(unique)} is added`),
		...delta.uniques.dropped.filter(({columns}) => !isDroppedColumn(work, columns)).map((unique) => `${renderUnique(unique)} is removed`),
		...(delta.strict ? [`STRICT is ${after.strict ? 'added' : 'removed'}`] : []),
		...(delta.withoutRowid ? [`WITHOUT ROWID is ${after.withoutRowid ? 'added' : 'removed'}`] : []),
	];
	return reasons.length > 0 ? reasons : reasonsNotEditable(work);
}

/** True for a constraint of an added column, whose reason is already reported. */
function isAddedColumn({delta}: TableWork, columns: readonly {readonly name: string}[]): boolean {
	return columns.some(({name}) => delta.added.some((column) => sameName(column.name, name)));
}

function isDroppedColumn({delta}: TableWork, columns: readonly {readonly name: string}[]): boolean {
	return columns.some(({name}) => delta.dropped.some((column) => sameName(column.name, name)));
}

/** https://www.sqlite.org/lang_altertable.html#altertabaddcol */
function whyNotAdded({after, item}: TableWork, column: Column): readonly string[] {
	const because = (reason: string) => [`${column.name} ${reason}`];
	if (item.fills.has(nameKey(column.name))) return because('is filled');
	if (isInPrimaryKey(after, column)) return because('is part of the primary key');
	if (!after.withoutRowid && isRowidName(column.name)) return because('uses a name of the rowid');
	if (uniquesOf(after, column).length > 0) return because('is UNIQUE');
	if (column.generated?.stored === true) return because('is generated and STORED');
	if (column.generated !== undefined) return [];
	if (!isConstantDefault(column)) return because(`has the default ${column.default?.text}, which is not a constant`);
	if (column.notNull !== undefined && isNullDefault(column)) return because('is NOT NULL without a default');
	if (foreignKeysOf(after, column).some(({columns}) => columns.length > 1)) return because('is part of a foreign key');
	if (foreignKeysOf(after, column).length > 0 && !isNullDefault(column)) return because('refers to another table and has a default');
	// ADD COLUMN keeps a CHECK only if it follows the column. Otherwise a separate statement adds it.
	return [];
}

/** DROP COLUMN also rewrites the rows, once per column. It is only used for a single column, and only if nothing else names it. */
function whyNotDropped({delta, before, item, features}: TableWork): readonly string[] {
	const stored = delta.dropped.filter(({generated}) => generated === undefined || generated.stored);
	const [only] = stored;
	if (delta.dropped.length === 0) return [];
	if (stored.length > 1) return [`${stored.map(({name}) => name).join(', ')} are dropped in one copy`];
	if (!features.dropColumn) return delta.dropped.map(({name}) => `${name} is dropped, which this SQLite cannot do in place`);
	return delta.dropped.flatMap((column) => {
		const because = (reason: string) => [`${column.name} is dropped, and ${reason}`];
		if (isInPrimaryKey(before, column)) return because('is part of the primary key');
		if (!before.withoutRowid && isRowidName(column.name)) return because('has a name of the rowid');
		if (uniquesOf(before, column).length > 0) return because('is UNIQUE');
		if (foreignKeysOf(before, column).length > 0) return because('has a foreign key');
		if (checksOf(before, column).some((check) => check.column === undefined || nameKey(check.column) !== nameKey(column.name)))
			return because('a CHECK names it');
		if (before.columns.some((other) => other.generated !== undefined && other !== column && mentions(before.name, other, column)))
			return because('a generated column uses it');
		if (indexesOf(item.before, before.name).some((index) => indexMentions(index, column) && indexesOf(item.after, before.name).includes(index)))
			return because('an index names it');
		if (before.withoutRowid && only !== undefined) return because('the table is WITHOUT ROWID');
		return [];
	});
}

function mentions(table: string, {generated}: Column, column: Column): boolean {
	return columnsIn(generated?.expression.text ?? '', table).includes(nameKey(column.name));
}

function whyNotChanged(work: TableWork, change: ColumnDelta): readonly string[] {
	const {before, after, item, features, delta} = work;
	const {name} = change.after;
	const type = (declared: string) => (declared === '' ? 'no type' : declared);
	const reasons: string[] = [];
	if (change.affinity) reasons.push(`${name} ${type(change.before.type)} → ${type(change.after.type)} is stored differently`);
	else if (change.type && (before.strict || after.strict) && !delta.strict)
		reasons.push(`${name} ${change.before.type} → ${change.after.type} in a STRICT table`);
	else if (change.type && isInPrimaryKey(after, change.after) && !delta.primaryKey)
		reasons.push(`the type of ${name}, part of the primary key, changes`);
	else if (change.type && isConverted(work, change)) reasons.push(`${name} is converted`);
	if (change.default) reasons.push(`the default of ${name} changes, and old rows may read theirs from the schema`);
	if (change.collate) reasons.push(`${name} sorts by ${change.after.collate ?? 'BINARY'}`);
	if (change.generated) reasons.push(whyGenerated(change));
	if (change.notNull !== undefined && !features.alterConstraints)
		reasons.push(`NOT NULL of ${name} changes, which ${features.native === undefined ? 'this SQLite' : 'SQLite before 3.53'} cannot do in place`);
	if (change.notNull !== undefined && change.after.generated !== undefined) reasons.push(`NOT NULL of the generated column ${name} changes`);
	if (change.notNull !== undefined && item.fills.has(nameKey(name))) reasons.push(`${name} is filled`);
	return reasons;
}

function whyGenerated({before, after: {name, generated}}: ColumnDelta): string {
	if (generated === undefined) return `${name} is no longer generated`;
	if (before.generated === undefined) return `${name} becomes generated`;
	if (before.generated.stored !== generated.stored) return `${name} becomes ${generated.stored ? 'STORED' : 'VIRTUAL'}`;
	return `the expression of ${name} changes`;
}

function isConverted({item, before}: TableWork, change: ColumnDelta): boolean {
	const fill = item.fills.get(nameKey(change.after.name));
	return fill !== undefined && !isForMissing(fill, before.name, change.before, change.after);
}
