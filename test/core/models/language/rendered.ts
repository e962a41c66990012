import {readIndex, readTable} from '../../../../source/core/ddl/read.ts';
import {renderIndex, renderTable} from '../../../../source/core/ddl/render.ts';
import {type HasModel, modelSymbol} from '../../../../source/core/models/language/model.ts';

/** Returns the statements of a model in their canonical form. */
export function rendered(model: HasModel): string[] {
	return model[modelSymbol].statements().map(({sql}) => {
		if (sql.startsWith('CREATE TABLE')) return renderTable(readTable(sql));
		return /^CREATE (UNIQUE )?INDEX/.test(sql) ? renderIndex(readIndex(sql)) : sql;
	});
}
