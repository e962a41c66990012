/** Returns the message of any thrown value. Code may throw a string, undefined, or an object that cannot be converted to a string. */
export function thrownText(value: unknown): string {
	if (isError(value)) return value.message === '' ? value.name : value.message;
	if (typeof value === 'string') return value;
	const kind = value === null ? 'null' : typeof value;
	try {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown: ${String(value)}`;
	} catch {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown that cannot be shown as text`;
	}
}

/**
 * True for errors of any realm. A test runner such as Jest loads native code once and each test file in its own realm, so an error of the native code is
 * not an `instanceof Error` in the second file.
 */
export function isError(value: unknown): value is Error {
	if (value instanceof Error) return true;
	if (typeof value !== 'object' || value === null) return false;
	const {name, message, stack} = value as Partial<Error>;
	return typeof name === 'string' && typeof message === 'string' && typeof stack === 'string';
}
