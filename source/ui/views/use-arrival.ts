import {useEffect, useState} from 'react';

/** The value of a promise once it is there; undefined until then, and when it fails: what waits for it can do without. */
export function useArrival<Value>(promise: Promise<Value>): Value | undefined {
	const [value, setValue] = useState<Value>();
	useEffect(() => {
		let isCurrent = true;
		promise.then(
			(arrived) => {
				if (isCurrent) setValue(() => arrived);
			},
			() => {},
		);
		return () => {
			isCurrent = false;
		};
	}, [promise]);
	return value;
}
