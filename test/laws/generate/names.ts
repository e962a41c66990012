import {nameKey} from '../../../source/core/schema/identifiers.ts';

/** Plain names are first, because smaller numbers give simpler cases. */
const plain = ['a', 'b', 'c', 'user', 'item', 'post', 'name', 'note', 'amount', 'Owner', 'created_at', 'userName'];
const hostile = [
	'two words',
	'select',
	'order',
	'group',
	'we"ird',
	"it's",
	'back`tick',
	'[bracket]',
	'new\nline',
	'tab\tbed',
	'😀',
	'ünïcödé',
	'İ',
	'end',
	'like',
	'true',
	'null',
	'current_date',
	'key',
	'rowid',
	'oid',
	'_rowid_',
	'a.b',
	'x--y',
	'/* c */',
	'semi;colon',
	'{brace}',
	'$1',
	'%',
	'old',
	'new',
	'generated',
	'check',
	'unique',
	'CASE',
	'_lite_migr_new_user',
	'\\',
	'\u001b[31m',
	' lead',
	'trail ',
	'1digit',
	'long'.repeat(50),
];

/** Returns an unused name for a number. Every third number gives a hostile name, the others give plain names. */
export function nameFor(number: number, taken: Iterable<string>): string {
	const pool = number % 3 === 2 ? hostile : plain;
	const base = pool[Math.floor(number / 3) % pool.length] as string;
	const keys = new Set([...taken].map(nameKey));
	let name = base;
	for (let count = 2; keys.has(nameKey(name)); count++) name = `${base}${count}`;
	return name;
}
