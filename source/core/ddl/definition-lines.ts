import type {Column} from '../schema/schema.ts';
import {tokenize} from './lexer.ts';

/**
 * Splits a CREATE statement into lines for people: one per column or constraint of a table. Any other statement keeps its own lines. Whitespace within
 * a line becomes one space.
 */
export function definitionLines(sql: string): readonly string[] {
	const tokens = tokenize(sql);
	const isTable = /^\s*CREATE\s+(?:TEMP\w*\s+)?TABLE\b/i.test(sql);
	if (!isTable) return sql.replaceAll('\t', '    ').split(/\r?\n/);
	const lines: string[] = [];
	let line = '';
	let depth = 0;
	const end = (): void => {
		if (line.trim() !== '') lines.push(line.trimEnd());
		line = depth === 1 ? '    ' : '';
	};
	for (const {kind, text} of tokens) {
		if (kind === 'space') {
			if (line.trim() !== '') line += ' ';
			continue;
		}
		if (text === ')') {
			depth--;
			if (depth === 0) end();
		}
		line += text;
		if (text === '(') {
			depth++;
			if (depth === 1) end();
		} else if ((text === ',' && depth === 1) || (kind === 'comment' && text.startsWith('--'))) end();
	}
	end();
	return lines;
}

/** Describes a column for people: `INTEGER, primary key`, `TEXT, not null, default 'x'`. */
export function columnText(column: Column, isKey: boolean): string {
	return [
		column.type === '' ? 'no type' : column.type,
		...(isKey ? ['primary key'] : []),
		...(column.notNull === undefined ? [] : ['not null']),
		...(column.default === undefined ? [] : [`default ${column.default.text}`]),
		...(column.generated === undefined ? [] : [`generated ${column.generated.stored ? 'stored' : 'virtual'}`]),
		...(column.collate === undefined ? [] : [`collate ${column.collate}`]),
	].join(', ');
}
