/** Returns the message of any thrown value. Code may throw a string, undefined, or an object that cannot be converted to a string. */
export function thrownText(value: unknown): string {
	if (value instanceof Error) return value.message === '' ? value.name : value.message;
	if (typeof value === 'string') return value;
	const kind = value === null ? 'null' : typeof value;
	try {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown: ${String(value)}`;
	} catch {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown that cannot be shown as text`;
	}
}
