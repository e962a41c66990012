import {type CallSite, modelError} from './call-site.ts';
import {type HasModel, modelSymbol} from './model.ts';

/** Makes an index or constraint known to the loader, so that one which is exported for itself is an error and not forgotten. */
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
					`${name === undefined ? `a ${kind}` : `the ${kind} ${name}`} stands outside of a table`,
					site,
					'put it into the list that the third argument of table() returns',
				);
			},
		},
	};
}
