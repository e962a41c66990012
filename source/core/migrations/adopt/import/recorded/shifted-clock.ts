const years = 3 * 365 * 24 * 3600 * 1000;

/**
 * Runs a function while `new Date()` and `Date.now()` return a time some years ahead. Values that depend on the time then differ from another run.
 */
export async function withShiftedClock<T>(work: () => Promise<T>): Promise<T> {
	const real = globalThis.Date;
	const now = () => real.now() + years;
	// Called without `new`, Date returns the current time as text.
	const Shifted = function (this: unknown, ...given: []) {
		if (new.target === undefined) return new real(now()).toString();
		return Reflect.construct(real, given.length === 0 ? [now()] : given, new.target);
	};
	Object.defineProperties(Shifted, Object.getOwnPropertyDescriptors(real));
	Object.defineProperty(Shifted, 'now', {value: now, configurable: true, writable: true});
	globalThis.Date = Shifted as unknown as DateConstructor;
	try {
		return await work();
	} finally {
		globalThis.Date = real;
	}
}
