import {type CallSite, modelError} from './call-site.ts';
import {type HasModel, modelSymbol} from './model.ts';

/** Returns a model for an index or constraint, so the loader reports one that is exported on its own instead of ignoring it. */
export function tablePart(kind: string, name: string | undefined, site: CallSite): HasModel {
	return {
		[modelSymbol]: {
			protocol: 1,
			kind: 'part',
			name: name ?? '',
			get source() {
				return site();
			},
			statements: () => {
				throw modelError(
					`${name === undefined ? `a ${kind}` : `the ${kind} ${name}`} is not part of a table`,
					site,
					'add it to the list that the third argument of table() returns',
				);
			},
		},
	};
}
