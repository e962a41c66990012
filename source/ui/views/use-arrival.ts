import {useEffect, useState} from 'react';

/** Returns the value of a promise. Undefined until it resolves, and if it rejects: the value is optional for callers. */
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
