import {useEffect, useState} from 'react';
import type {MigrationDetails} from '../services.ts';

/** Milliseconds without a key before a migration is read, so that moving through a long list reads only the last one. */
const rest = 80;

/** Returns the migrations that were selected so far. One that cannot be read is omitted. Opening it shows the error. */
export function useDetails(name: string | undefined, read: (name: string) => Promise<MigrationDetails>): ReadonlyMap<string, MigrationDetails> {
	const [known, setKnown] = useState<ReadonlyMap<string, MigrationDetails>>(new Map());
	const isKnown = name === undefined || known.has(name);
	useEffect(() => {
		if (isKnown) return undefined;
		let isCurrent = true;
		const timer = setTimeout(() => {
			read(name).then(
				(details) => {
					if (isCurrent) setKnown((before) => new Map([...before, [name, details]]));
				},
				() => {},
			);
		}, rest);
		return () => {
			isCurrent = false;
			clearTimeout(timer);
		};
	}, [name, isKnown, read]);
	return known;
}
