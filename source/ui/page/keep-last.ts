/**
 * Returns a function that keeps its last result for each object: all lines of a long list are needed again at each key, and most keys only move in it.
 * The other arguments must be plain data.
 */
export function keepLast<Of extends object, Rest extends readonly unknown[], Result>(
	compute: (of: Of, ...rest: Rest) => Result,
): (of: Of, ...rest: Rest) => Result {
	const kept = new WeakMap<Of, {readonly key: string; readonly result: Result}>();
	return (of, ...rest) => {
		const key = JSON.stringify(rest);
		const last = kept.get(of);
		if (last?.key === key) return last.result;
		const result = compute(of, ...rest);
		kept.set(of, {key, result});
		return result;
	};
}
