import type {Index, Trigger} from '../../schema/schema.ts';
import {readStatement} from '../read.ts';

/** Returns the index or trigger that a statement creates. Undefined for every other statement. @throws MigrError `syntax` if it cannot be read */
export function createdIn(sql: string): Index | Trigger | undefined {
	if (!/^\s*CREATE\s+(?:UNIQUE\s+)?(?:INDEX|TRIGGER)\b/i.test(sql)) return undefined;
	const object = readStatement(sql);
	return object?.kind === 'index' || object?.kind === 'trigger' ? object : undefined;
}
