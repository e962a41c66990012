import {identifier} from '../../schema/identifiers.ts';
import {callSite} from './call-site.ts';
import {type HasModel, modelSymbol, statementAt} from './model.ts';
import {checkName} from './name.ts';
import {type Named, nameSymbol, type SqlExpression, sqlText} from './sql.ts';

/** A virtual table of the table language. */
export interface VirtualTable extends Named, HasModel {}

/** Creates a virtual table: `virtualTable('search', 'fts5', ['title', "content='post'"])`. The arguments are passed to the module unchanged. */
export function virtualTable(name: string, module: string, moduleArguments: readonly (string | SqlExpression)[] = []): VirtualTable {
	const site = callSite(virtualTable);
	checkName('virtual table', name, site);
	checkName(`the module of ${name}`, module, site);
	const text = () => moduleArguments.map((argument) => (typeof argument === 'string' ? argument : sqlText(argument, site))).join(', ');
	return {
		[nameSymbol]: name,
		[modelSymbol]: {
			protocol: 1,
			kind: 'virtualTable',
			name,
			get source() {
				return site();
			},
			statements: () => [
				statementAt(site, {
					sql: `CREATE VIRTUAL TABLE ${identifier(name)} USING ${identifier(module)}${moduleArguments.length === 0 ? '' : `(${text()})`}`,
				}),
			],
		},
	};
}
