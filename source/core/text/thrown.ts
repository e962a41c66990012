/** What a thrown value says, whatever it is: code may throw a text, nothing, or an object that cannot be made into text. */
export function thrownText(value: unknown): string {
	if (value instanceof Error) return value.message === '' ? value.name : value.message;
	if (typeof value === 'string') return value;
	const kind = value === null ? 'null' : typeof value;
	try {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown: ${String(value)}`;
	} catch {
		return `${kind === 'object' ? 'an' : 'a'} ${kind} was thrown that says nothing`;
	}
}
