import {identifier} from '../../schema/identifiers.ts';
import {callSite, modelError} from './call-site.ts';
import {type HasModel, modelSymbol, statementAt} from './model.ts';
import {checkName} from './name.ts';
import {isSql, type Named, nameSymbol, type SqlExpression, sqlText} from './sql.ts';

/** A view of the table language. */
export interface View extends Named, HasModel {}

/** A view without its SELECT. */
export interface ViewBuilder {
	as(select: SqlExpression): View;
}

/** Creates a view: ``view('adult').as(sql`SELECT * FROM ${user} WHERE ${user.age} >= 18`)``. `columns` are the names in parentheses after its name. */
export function view(name: string, columns: readonly string[] = []): ViewBuilder {
	const site = callSite(view);
	checkName('view', name, site);
	const start: ViewBuilder & HasModel = {
		// Lets the loader report the missing SELECT if this is exported.
		[modelSymbol]: {
			protocol: 1,
			kind: 'part',
			name,
			get source() {
				return site();
			},
			statements: () => {
				throw modelError(`view ${name} has no SELECT`, site, selectHint);
			},
		},
		as: (select) => {
			if (!isSql(select)) throw modelError(`view ${name} has no SELECT`, site, selectHint);
			const head = `CREATE VIEW ${identifier(name)}${columns.length === 0 ? '' : ` (${columns.map(identifier).join(', ')})`}`;
			return {
				[nameSymbol]: name,
				[modelSymbol]: {
					protocol: 1,
					kind: 'view',
					name,
					get source() {
						return site();
					},
					statements: () => [statementAt(site, {sql: `${head} AS ${trimmedStatement(select)}`})],
				},
			};
		},
	};
	return start;
}

const selectHint = 'write .as(sql`SELECT …`)';

/** Returns a statement without whitespace around it and without a semicolon. */
export function trimmedStatement(statement: SqlExpression): string {
	return sqlText(statement)
		.trim()
		.replace(/[;\s]+$/, '');
}
