import {nameKey} from '../schema/identifiers.ts';

export interface Rename {
	readonly from: string;
	readonly to: string;
}

/**
 * Orders renames so that no name is used twice at a time. A circle is resolved with a temporary name. So is an object that has a needed name and is not
 * renamed, because it is about to be dropped.
 */
export function orderRenames(renames: readonly Rename[], existing: readonly string[]): readonly Rename[] {
	const taken = new Set(existing.map(nameKey));
	const ordered: Rename[] = [];
	let waiting = [...renames];
	const make = (rename: Rename) => {
		taken.delete(nameKey(rename.from));
		taken.add(nameKey(rename.to));
		ordered.push(rename);
	};
	while (waiting.length > 0) {
		const possible = waiting.find(({from, to}) => nameKey(from) === nameKey(to) || !taken.has(nameKey(to)));
		if (possible !== undefined) {
			make(possible);
			waiting = waiting.filter((rename) => rename !== possible);
			continue;
		}
		const [first, ...rest] = waiting as [Rename, ...Rename[]];
		const holder = existing.find((name) => nameKey(name) === nameKey(first.to)) ?? first.to;
		const isHolderRenamed = rest.some(({from}) => nameKey(from) === nameKey(first.to));
		const mover = isHolderRenamed ? first.from : holder;
		let aside = `${mover}_aside`;
		while (taken.has(nameKey(aside))) aside += '_';
		make({from: mover, to: aside});
		if (isHolderRenamed) waiting = [...rest, {from: aside, to: first.to}];
	}
	return ordered;
}
