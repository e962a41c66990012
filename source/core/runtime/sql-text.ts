/** Returns a string literal. */
export function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

/** Returns an expression that fails with a message. */
export function failure(message: string): string {
	return `json_extract('{}', ${message})`;
}
