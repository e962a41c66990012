import {cursorOver, isWord} from '../cursor.ts';

/** True if a statement may change the schema, so the new schema must be read from the database. */
export function changesSchema(sql: string): boolean {
	const {tokens} = cursorOver(sql);
	const [first] = tokens;
	if (['CREATE', 'DROP', 'ALTER'].some((word) => isWord(first, word))) return true;
	return tokens.some(({text}) => /^["'`[]?sqlite_(schema|master)["'`\]]?$/i.test(text)) && !isWord(first, 'SELECT');
}
