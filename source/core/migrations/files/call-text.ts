import {readStatement} from '../../ddl/read.ts';
import type {Operation} from '../../operations/operation.ts';
import {clean} from '../../text/clean.ts';

const maxLength = 60;

/** Returns a short form of an operation, as written in a migration file: `changeTable('events', …)`, `UPDATE user SET …`. Safe for a terminal. */
export function callText(operation: Operation): string {
	switch (operation.kind) {
		case 'createTable':
		case 'createIndex':
		case 'createView':
		case 'createTrigger':
			return call(operation.kind, nameIn(operation.sql));
		case 'dropTable':
		case 'changeTable':
		case 'addColumn':
			return call(operation.kind, operation.table, operation.kind === 'dropTable' ? [] : ['…']);
		case 'renameTable':
			return call(operation.kind, operation.table, [`'${operation.to}'`]);
		case 'dropColumn':
			return call(operation.kind, operation.table, [`'${operation.column}'`]);
		case 'renameColumn':
			return call(operation.kind, operation.table, [`'${operation.column}'`, `'${operation.to}'`]);
		case 'dropIndex':
			return call(operation.kind, operation.index);
		case 'dropView':
			return call(operation.kind, operation.view);
		case 'dropTrigger':
			return call(operation.kind, operation.trigger);
		case 'execute': {
			const line = operation.sql.replace(/\s+/g, ' ').trim();
			return clean(line.length > maxLength ? `${line.slice(0, maxLength)}…` : line);
		}
		case 'run':
			return 'op.run(…)';
	}
}

function call(kind: string, name: string, more: readonly string[] = []): string {
	return clean(`${kind}(${[`'${name}'`, ...more].join(', ')})`);
}

function nameIn(sql: string): string {
	return readStatement(sql)?.name ?? '…';
}
